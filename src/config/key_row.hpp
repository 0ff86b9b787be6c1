// SPDX-License-Identifier: Apache-2.0
// From a member and the kind of its value to a row of a key table. Included by the tables alone.
#pragma once

#include "key_values.hpp"

namespace mailctl {

// Where the members of a `Holder` are in a model: find() gives nullptr where there is none, ensure() makes it.
template <class Model, class Holder>
struct Part;

template <class Kind, class Model, class Holder, auto member>
struct Row {
    using At = Part<Model, Holder>;

    static void read(Fields& fields, std::string_view key, Model& model, DomainReading& reading) {
        Kind::read(fields, key, At::ensure(model).*member, reading);
    }
    static Value value(const Model& model, const DomainName& own) {
        const auto* holder = At::find(model);
        return Kind::value(holder ? holder->*member : At::defaults().*member, own);
    }
    static bool is_default(const Model& model) {
        const auto* holder = At::find(model);
        return !holder || holder->*member == At::defaults().*member;
    }
    static bool same(const Model& a, const Model& b) {
        const auto *left = At::find(a), *right = At::find(b);
        return Kind::same(left ? left->*member : At::defaults().*member,
                          right ? right->*member : At::defaults().*member);
    }
    static std::vector<std::string> elements(const Model& model) {
        const auto* holder = At::find(model);
        return holder ? Kind::elements(holder->*member) : std::vector<std::string>{};
    }
    static Status assign(Model& model, const Assignment& assignment, const WordContext& context) {
        if (!assignment.value.empty()) return Kind::assign(At::ensure(model).*member, assignment, context);
        if constexpr (
            requires(const typename Kind::Type& value) { Kind::elements(value); } && !requires { Kind::is_one; }) {
            if (assignment.operation != Assignment::Operation::set) return {};
        }
        TRY(only_set(assignment));
        clear(model);
        return {};
    }
    static void clear(Model& model) {
        if (At::find(model)) At::ensure(model).*member = At::defaults().*member;
    }
    static CellObjection read_cell(Model& model, std::string_view cell, const WordContext& context) {
        return Kind::read_cell(At::ensure(model).*member, cell, context);
    }
    static std::string cell(const Model& model, const DomainName& own) {
        const auto* holder = At::find(model);
        return holder ? Kind::cell(holder->*member, own) : std::string();
    }
    static ShownValue shown(const Model& model, const DomainName& own) {
        const auto* holder = At::find(model);
        if (!holder) return {};
        if constexpr (requires(const typename Kind::Type& value) { Kind::shown(value, own); })
            return Kind::shown(holder->*member, own);
        auto text = Kind::cell(holder->*member, own);
        return text.empty() ? ShownValue{} : ShownValue(std::move(text));
    }
};

template <class Kind, class Model, class Holder, auto member>
constexpr Key<Model> row(std::string_view family, std::string_view table, std::string_view key, std::string_view name,
                         std::string_view help, SetBy set_by, Ways ways) {
    using R = Row<Kind, Model, Holder, member>;
    Key<Model> made{.family = family,
                    .table = table,
                    .key = key,
                    .name = name,
                    .help = help,
                    .set_by = set_by,
                    .ways = ways,
                    .read = R::read,
                    .value = R::value,
                    .is_default = R::is_default,
                    .same = R::same,
                    .assign = R::assign,
                    .clear = R::clear,
                    .read_cell = R::read_cell,
                    .cell = R::cell,
                    .shown = R::shown};
    if constexpr (requires(const typename Kind::Type& value) { Kind::elements(value); }) made.elements = R::elements;
    if constexpr (requires { Kind::spells_default; }) made.spells_default = true;
    if constexpr (requires { Kind::keeps_blanks; }) made.keeps_blanks = true;
    return made;
}

} // namespace mailctl
