// SPDX-License-Identifier: Apache-2.0
// The kinds of values that keys hold, each both ways: in TOML, as KEY=VALUE, as a cell of CSV and in a report. A row of
// a key table names one of these for its member. KEY=VALUE is read leniently, because the file it makes is checked as a
// whole afterwards, with the place in the message; cells are read strictly, so that each row is told what is wrong in
// it.
#pragma once

#include "mailctl/config/key.hpp"

namespace mailctl::kinds {

// What most kinds have in common.
template <class T>
struct Plain {
    using Type = T;
    static bool same(const T& a, const T& b) { return a == b; }
};

struct Line : Plain<std::string> { // no control characters
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
    static Value value(const std::string& text, const DomainName& own);
    static Status assign(std::string& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(std::string& out, std::string_view cell, const WordContext& context);
    static std::string cell(const std::string& text, const DomainName& own);
};
struct Block : Line { // any text but NUL
    static constexpr bool keeps_blanks = true;
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
    static CellObjection read_cell(std::string& out, std::string_view cell, const WordContext& context);
};
struct FromLine : Line { // "Paul <paul@example.com>"
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
    static CellObjection read_cell(std::string& out, std::string_view cell, const WordContext& context);
};
struct NodeName : Line {
    static CellObjection read_cell(std::string& out, std::string_view cell, const WordContext&);
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
};
struct SourceIp : Line { // "auto" or an address
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
};
struct HostAndPort : Line {
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
};
struct DmarcPolicy : Line {
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
};
struct ReportAddress : Line {
    static void read(Fields& fields, std::string_view key, std::string& out, DomainReading& reading);
};

struct PasswordHash : Plain<std::optional<std::string>> {
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& hash, const DomainName& own);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& hash, const DomainName& own);
};
struct Flag : Plain<bool> {
    static constexpr bool spells_default = true;
    static void read(Fields& fields, std::string_view key, bool& out, DomainReading& reading);
    static Value value(const bool& flag, const DomainName& own);
    static Status assign(bool& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(bool& out, std::string_view cell, const WordContext& context);
    static std::string cell(const bool& flag, const DomainName& own);
    static ShownValue shown(const bool& flag, const DomainName& own);
};
struct Size : Plain<ByteCount> { // 0 = no limit
    static void read(Fields& fields, std::string_view key, ByteCount& out, DomainReading& reading);
    static Value value(const ByteCount& size, const DomainName& own);
    static Status assign(ByteCount& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(ByteCount& out, std::string_view cell, const WordContext& context);
    static std::string cell(const ByteCount& size, const DomainName& own);
    static ShownValue shown(const ByteCount& size, const DomainName& own);
};
struct Limit : Plain<unsigned> { // 0 = no limit
    static void read(Fields& fields, std::string_view key, unsigned& out, DomainReading& reading);
    static Value value(const unsigned& limit, const DomainName& own);
    static Status assign(unsigned& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(unsigned& out, std::string_view cell, const WordContext& context);
    static std::string cell(const unsigned& limit, const DomainName& own);
    static ShownValue shown(const unsigned& limit, const DomainName& own);
};
struct Interval : Plain<Age> { // of replies: 1h to 365d
    static void read(Fields& fields, std::string_view key, Age& out, DomainReading& reading);
    static Value value(const Age& age, const DomainName& own);
    static Status assign(Age& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Age& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Age& age, const DomainName& own);
};
struct Day : Plain<std::optional<Date>> {
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& day, const DomainName& own);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& day, const DomainName& own);
};
struct Receive : Plain<SuspendedReceive> {
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& receive, const DomainName& own);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& receive, const DomainName& own);
};
struct State : Plain<DomainState> {
    static constexpr bool spells_default = true;
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& state, const DomainName& own);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& state, const DomainName& own);
};
struct OneAddress {
    using Type = std::optional<Address>;
    static bool same(const Type& a, const Type& b);
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& address, const DomainName& own); // in full
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& address, const DomainName& own);
};
struct UnknownNames : Plain<UnknownAction> {
    static constexpr bool spells_default = true;
    static std::vector<std::string> elements(const Type& action); // of a redirection
    static constexpr bool is_one = true;                          // but no list for KEY+= and KEY-=
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& action, const DomainName& own);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& action, const DomainName& own);
};

// Arrays. Elements that say the same in other letters are one element.
struct Targets {
    using Type = std::vector<Address>;
    static bool same(const Type& a, const Type& b);
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& targets, const DomainName& own);
    static std::vector<std::string> elements(const Type& targets);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& targets, const DomainName& own);
    static ShownValue shown(const Type& targets, const DomainName& own);
};
struct Names : Plain<std::vector<std::string>> { // local parts of the own domain; in a file each is claimed
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& names, const DomainName& own);
    static std::vector<std::string> elements(const Type& names);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& names, const DomainName& own);
    static ShownValue shown(const Type& names, const DomainName& own);
};
struct FileNames : Names { // in the site's attachments directory
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
};
struct Post {
    using Type = Posters;
    static bool same(const Type& a, const Type& b);
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& post, const DomainName& own);
    static std::vector<std::string> elements(const Type& post);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& post, const DomainName& own);
    static ShownValue shown(const Type& post, const DomainName& own);
};
struct DomainNames : Plain<std::vector<DomainName>> { // other names of a whole domain
    static void read(Fields& fields, std::string_view key, Type& out, DomainReading& reading);
    static Value value(const Type& names, const DomainName& own);
    static std::vector<std::string> elements(const Type& names);
    static Status assign(Type& out, const Assignment& assignment, const WordContext& context);
    static CellObjection read_cell(Type& out, std::string_view cell, const WordContext& context);
    static std::string cell(const Type& names, const DomainName& own);
    static ShownValue shown(const Type& names, const DomainName& own);
};

} // namespace mailctl::kinds
