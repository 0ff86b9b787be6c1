// SPDX-License-Identifier: Apache-2.0
// Values that are one; those of arrays are in key_lists.cpp.
#include "key_values.hpp"

#include "dns_readers.hpp"
#include "domain_reading.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/config/cell_values.hpp"
#include "mailctl/model/named_address.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace mailctl {

std::string WordContext::key_of(const Address& address) const {
    if (!real_name) return address.key();
    return Address{address.local, real_name(address.domain)}.key();
}

namespace kinds {
namespace {

Place place_of_value(const Fields& fields, std::string_view key) { return fields.table().find(key)->place; }

} // namespace

void Line::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) { fields.text(key, out); }
Value Line::value(const std::string& text, const DomainName&) { return text; }
Status Line::assign(std::string& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    out = assignment.value;
    return {};
}
CellObjection Line::read_cell(std::string& out, std::string_view cell, const WordContext&) {
    return read_line(cell, out);
}
std::string Line::cell(const std::string& text, const DomainName&) { return text; }

void Block::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) { fields.block(key, out); }
CellObjection Block::read_cell(std::string& out, std::string_view cell, const WordContext&) {
    return read_block(cell, out);
}

void FromLine::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) {
    fields.text(key, out);
    if (out.empty()) return;
    if (const auto from = parse_named_address(out); !from)
        fields.refuse(key, place_of_value(fields, key), from.error().what,
                      "write an address, or \"Paul <paul@example.com>\"");
}
CellObjection FromLine::read_cell(std::string& out, std::string_view cell, const WordContext&) {
    if (const auto sender = parse_named_address(cell); !sender)
        return Objection{sender.error().what, "write an address, or Paul <paul@example.com>"};
    return read_line(cell, out);
}

void NodeName::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) {
    fields.text(key, out);
    if (const auto objection = out.empty() ? std::nullopt : object_to_node_name(out))
        fields.refuse(key, place_of_value(fields, key), objection->message, objection->remedy);
}

CellObjection NodeName::read_cell(std::string& out, std::string_view cell, const WordContext&) {
    if (auto objection = cell.empty() ? std::nullopt : object_to_node_name(cell)) return objection;
    return read_line(cell, out);
}

void SourceIp::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) {
    fields.text(key, out);
    if (!out.empty() && out != "auto" && !is_ip_address(out))
        fields.refuse(key, place_of_value(fields, key), fmt::format("'{}' is not an IP address", printable(out)),
                      "write \"auto\" or one address of the site's source_ips");
}

void HostAndPort::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) {
    fields.text(key, out);
    if (!out.empty() && !parse_host_port(out))
        fields.refuse(key, place_of_value(fields, key), fmt::format("'{}' is not a host and port", printable(out)),
                      "write it as \"mx.customer.example:25\"");
}

void DmarcPolicy::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) {
    fields.choice<std::string>(key, out, {{"none", "none"}, {"quarantine", "quarantine"}, {"reject", "reject"}});
}

void ReportAddress::read(Fields& fields, std::string_view key, std::string& out, DomainReading&) {
    read_report_uri(fields, key, out);
}

void PasswordHash::read(Fields& fields, std::string_view key, Type& out, DomainReading&) {
    const Node* value = fields.expect(key, Node::Kind::string, "a string");
    if (!value) return;
    if (const auto objection = object_to_password(value->text)) refuse(fields, key, value->place, *objection);
    out = value->text;
}
Value PasswordHash::value(const Type& hash, const DomainName&) { return hash.value_or(""); }
Status PasswordHash::assign(Type& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    out = assignment.value;
    return {};
}
CellObjection PasswordHash::read_cell(Type& out, std::string_view cell, const WordContext&) {
    if (auto objection = object_to_password(cell)) return objection;
    out = cell;
    return std::nullopt;
}
std::string PasswordHash::cell(const Type& hash, const DomainName&) { return hash.value_or(""); }

void Flag::read(Fields& fields, std::string_view key, bool& out, DomainReading&) { fields.flag(key, out); }
Value Flag::value(const bool& flag, const DomainName&) { return flag; }
Status Flag::assign(bool& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    if (assignment.value != "true" && assignment.value != "false")
        return fail(ErrorKind::usage, fmt::format("'{}' is neither true nor false", printable(assignment.value)),
                    fmt::format("write {0}=true or {0}=false", assignment.key));
    out = assignment.value == "true";
    return {};
}
CellObjection Flag::read_cell(bool& out, std::string_view cell, const WordContext&) { return read_flag(cell, out); }
std::string Flag::cell(const bool& flag, const DomainName&) { return flag_cell(flag); }
ShownValue Flag::shown(const bool& flag, const DomainName&) { return flag; }

void Size::read(Fields& fields, std::string_view key, ByteCount& out, DomainReading&) { fields.size(key, out); }
Value Size::value(const ByteCount& size, const DomainName&) { return format_size(size); }
Status Size::assign(ByteCount& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    TRY_ASSIGN(out, parse_size(assignment.value));
    return {};
}
CellObjection Size::read_cell(ByteCount& out, std::string_view cell, const WordContext&) {
    return read_size(cell, out);
}
std::string Size::cell(const ByteCount& size, const DomainName&) { return size.bytes == 0 ? "" : format_size(size); }
ShownValue Size::shown(const ByteCount& size, const DomainName&) {
    return size.bytes == 0 ? ShownValue{} : ShownValue{size};
}

void Limit::read(Fields& fields, std::string_view key, unsigned& out, DomainReading&) { fields.number(key, out); }
Value Limit::value(const unsigned& limit, const DomainName&) { return static_cast<long long>(limit); }
Status Limit::assign(unsigned& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    const auto& text = assignment.value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error == std::errc() && end == text.data() + text.size()) return {};
    return fail(ErrorKind::usage, fmt::format("'{}' is not a number", printable(text)), "0 means no limit");
}
CellObjection Limit::read_cell(unsigned& out, std::string_view cell, const WordContext& context) {
    const auto done = assign(out, {{}, Assignment::Operation::set, std::string(cell)}, context);
    return done ? std::nullopt : CellObjection(Objection{done.error().what, done.error().hint});
}
std::string Limit::cell(const unsigned& limit, const DomainName&) { return limit == 0 ? "" : std::to_string(limit); }
ShownValue Limit::shown(const unsigned& limit, const DomainName&) {
    return limit == 0 ? ShownValue{} : ShownValue{std::int64_t{limit}};
}

void Interval::read(Fields& fields, std::string_view key, Age& out, DomainReading&) {
    constexpr Age shortest = std::chrono::hours{1}, longest = std::chrono::days{365};
    fields.age(key, out);
    if (out < shortest || out > longest)
        fields.refuse(key, place_of_value(fields, key), fmt::format("'{}' is not between 1h and 365d", format_age(out)),
                      "a sender gets at most one reply in this time; the usual is \"7d\"");
}
Value Interval::value(const Age& age, const DomainName&) { return format_age(age); }
Status Interval::assign(Age& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    TRY_ASSIGN(out, parse_age(assignment.value));
    return {};
}
CellObjection Interval::read_cell(Age& out, std::string_view cell, const WordContext&) {
    return read_interval(cell, out);
}
std::string Interval::cell(const Age& age, const DomainName&) { return format_age(age); }

void Day::read(Fields& fields, std::string_view key, Type& out, DomainReading&) { fields.date(key, out); }
Value Day::value(const Type& day, const DomainName&) { return DateLiteral{day ? format_date(*day) : ""}; }
Status Day::assign(Type& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    TRY_ASSIGN(out, parse_date(assignment.value));
    return {};
}
CellObjection Day::read_cell(Type& out, std::string_view cell, const WordContext&) { return read_date(cell, out); }
std::string Day::cell(const Type& day, const DomainName&) { return day ? format_date(*day) : ""; }

void Receive::read(Fields& fields, std::string_view key, Type& out, DomainReading& reading) {
    using enum SuspendedReceive;
    fields.choice(key, out, {{"accept", accept}, {"reject", reject}, {"defer", defer}, {"hold", hold}});
    if (out == hold) reading.keep(fields.path_of(key), place_of_value(fields, key));
}
Value Receive::value(const Type& receive, const DomainName&) { return std::string(receive_cell(receive)); }
Status Receive::assign(Type& out, const Assignment& assignment, const WordContext&) {
    TRY(only_set(assignment));
    if (const auto objection = read_receive(assignment.value, out))
        return fail(ErrorKind::usage, objection->message, objection->remedy);
    return {};
}
CellObjection Receive::read_cell(Type& out, std::string_view cell, const WordContext&) {
    return read_receive(cell, out);
}
std::string Receive::cell(const Type& receive, const DomainName&) { return std::string(receive_cell(receive)); }

void State::read(Fields& fields, std::string_view key, Type& out, DomainReading&) {
    fields.choice(key, out, {{"active", DomainState::active}, {"suspended", DomainState::suspended}});
}
Value State::value(const Type& state, const DomainName& own) { return cell(state, own); }
Status State::assign(Type& out, const Assignment& assignment, const WordContext& context) {
    TRY(only_set(assignment));
    if (const auto objection = read_cell(out, assignment.value, context))
        return fail(ErrorKind::usage, objection->message, objection->remedy);
    return {};
}
CellObjection State::read_cell(Type& out, std::string_view cell, const WordContext&) {
    if (cell != "active" && cell != "suspended")
        return Objection{fmt::format("unknown value '{}'", printable(cell)), "write active or suspended"};
    out = cell == "active" ? DomainState::active : DomainState::suspended;
    return std::nullopt;
}
std::string State::cell(const Type& state, const DomainName&) {
    return state == DomainState::active ? "active" : "suspended";
}

bool OneAddress::same(const Type& a, const Type& b) {
    return a && b ? a->key() == b->key() : a.has_value() == b.has_value();
}
void OneAddress::read(Fields& fields, std::string_view key, Type& out, DomainReading& reading) {
    reading.read_address(fields, key, out);
}
Value OneAddress::value(const Type& address, const DomainName&) { return address ? address->text() : std::string(); }
Status OneAddress::assign(Type& out, const Assignment& assignment, const WordContext& context) {
    TRY(only_set(assignment));
    TRY_ASSIGN(auto address, parse_target(assignment.value, context.own));
    if (!out || out->key() != address.key()) out = std::move(address);
    return {};
}
CellObjection OneAddress::read_cell(Type& out, std::string_view cell, const WordContext& context) {
    Address target{LocalPart::from_trusted(""), context.own};
    if (auto objection = read_target(cell, context, target)) return objection;
    if (!out || out->key() != target.key()) out = std::move(target);
    return std::nullopt;
}
std::string OneAddress::cell(const Type& address, const DomainName&) { return address ? address->text() : ""; }

} // namespace kinds
} // namespace mailctl
