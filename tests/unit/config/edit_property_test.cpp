// SPDX-License-Identifier: Apache-2.0
// Properties of edits over generated domain files: every spelling that TOML has for the same values, with comments, odd
// blanks, quoted keys, CRLF, a byte order mark, a missing final newline. (1) Editing the text and parsing gives the
// edited model. (2) What an edit does not name keeps its bytes.
#include "mailctl/config/domain_file.hpp"
#include "mailctl/config/toml/edit.hpp"
#include "mailctl/config/toml/excerpt.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>
#include <set>

using namespace mailctl;

namespace {

const DomainName edited_domain = DomainName::from_trusted("example.com");
const std::vector<std::string> local_parts = {"paul", "paul.m", "ringo", "john-w", "g_harrison", "b.e"};

std::size_t below(std::size_t limit) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, limit));
}
bool coin() { return below(2) == 0; }
template <class T>
const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
}

// Writes values in one of their spellings.
class Writer {
  public:
    std::string blanks() { return one_of<std::string>({"", " ", "  ", "\t"}); }
    std::string comment() {
        return one_of<std::string>({"", "", "# note", " # \"quoted\" = [1", "  # grüße ]}", "#", "\t"});
    }
    std::string key(const std::string& name) {
        const bool is_bare = name.find('.') == std::string::npos;
        return one_of<std::string>({is_bare ? name : '"' + name + '"', '"' + name + '"', '\'' + name + '\''});
    }
    std::string text(const std::string& value) {
        return one_of<std::string>(
            {'"' + value + '"', '\'' + value + '\'', "\"\"\"" + value + "\"\"\"", "'''\n" + value + "'''"});
    }
    std::string array(const std::vector<std::string>& values) {
        if (values.empty()) return one_of<std::string>({"[]", "[ ]", "[\n]", "[ # none\n]"});
        const bool is_long = coin(), has_last_comma = coin();
        std::string out = "[" + (is_long ? blanks() + comment() + "\n" : blanks());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const bool has_comma = i + 1 < values.size() || has_last_comma;
            if (is_long && below(4) == 0) out += "  # between \"x\",\n";
            out += (is_long ? one_of<std::string>({"  ", "\t", ""}) : "") + '"' + values[i] + '"';
            if (has_comma) out += blanks() + ",";
            out += is_long && below(4) != 0 ? comment() + "\n" : blanks();
        }
        return out + "]";
    }
    std::string equals() { return one_of<std::string>({" = ", "=", "  =  ", " =\t"}); }
    std::string line(const std::string& key_text, const std::string& value) {
        return blanks() + key_text + equals() + value + blanks() + comment() + "\n";
    }
    std::string filler() {
        std::string out;
        for (auto count = below(3); count > 0; --count)
            out += one_of<std::string>({"\n", "# comment\n", "#[mailbox.paul]\n", "  \n", "  # x = 1\n"});
        return out;
    }
};

struct Entries {
    std::vector<std::pair<std::string, std::string>> values; // key, TOML text
};

Entries make_mailbox(Writer& writer, const std::string& name) {
    Entries out;
    if (coin()) out.values.emplace_back("name", writer.text("Grüße " + name));
    if (coin()) out.values.emplace_back("quota", writer.text("2 GiB"));
    if (coin())
        out.values.emplace_back("aliases", writer.array(coin() ? std::vector<std::string>{name + "-x", name + "-y"}
                                                               : std::vector<std::string>{}));
    if (coin()) out.values.emplace_back("forward", writer.array({"a@b.example"}));
    if (coin()) out.values.emplace_back("suspend", coin() ? "{ login = true, until = 2026-12-31 }" : "{login=true}");
    if (coin()) out.values.emplace_back("store", "true");
    return out;
}

std::string make_text() {
    Writer writer;
    std::vector<std::string> headers, in_table;
    for (const auto& name : local_parts) {
        if (below(3) == 0) continue;
        const auto mailbox = make_mailbox(writer, name);
        const auto form = below(4);
        if (form == 0) { // dotted keys or an inline table in [mailbox]
            for (const auto& [key, value] : mailbox.values)
                in_table.push_back(writer.line(writer.key(name) + "." + writer.key(key), value));
        } else if (form == 1) {
            std::string entries;
            for (const auto& [key, value] : mailbox.values)
                entries +=
                    (entries.empty() ? "" : writer.blanks() + "," + writer.blanks()) + key + writer.equals() + value;
            in_table.push_back(writer.line(writer.key(name), "{" + writer.blanks() + entries + writer.blanks() + "}"));
        } else {
            auto text = writer.filler() + writer.blanks() + "[mailbox." + writer.blanks() + writer.key(name) + "]" +
                        writer.comment() + "\n";
            for (const auto& [key, value] : mailbox.values)
                text += writer.filler() + writer.line(writer.key(key), value);
            if (coin())
                text += writer.filler() + "[mailbox." + writer.key(name) + ".autoreply]\n" +
                        writer.line("subject", writer.text("Away"));
            headers.push_back(text);
        }
    }
    std::string table;
    for (const auto& line : in_table)
        table += line + writer.filler();
    if (!table.empty()) headers.push_back(writer.filler() + "[mailbox]\n" + table);
    if (coin())
        headers.push_back("[domain]\n" + writer.line("owner", "\"alice\"") +
                          writer.line("unknown", "{ action = \"discard\" }"));
    if (coin())
        headers.push_back(writer.filler() + "[forward.info]\n" +
                          writer.line("to", writer.array({"paul", "x@y.example"})));
    if (coin())
        headers.push_back("[banished]\n" + writer.line("\"i.am.spam\"", "\"discard\"") +
                          writer.line("'promo-*'", "\"reject\""));
    for (auto i = headers.size(); i > 1; --i)
        std::swap(headers[i - 1], headers[below(i)]);

    std::string text = writer.filler();
    for (const auto& header : headers)
        text += header;
    text += writer.filler();
    if (coin() && text.ends_with('\n')) text.pop_back();
    if (coin()) {
        std::string crlf;
        for (const char c : text)
            crlf += c == '\n' ? "\r\n" : std::string(1, c);
        text = crlf;
    }
    return (below(5) == 0 ? "\xEF\xBB\xBF" : "") + text;
}

Domain reparsed(const std::string& text) {
    const auto result = parse_domain(text, "f", edited_domain, {});
    if (!result) RC_FAIL(result.error().what + "\n" + text);
    return result->domain;
}

std::string applied(const std::string& text, const std::vector<Edit>& edits) {
    const auto result = apply_edits(text, edits, "f");
    if (!result) RC_FAIL(result.error().what + "\n" + text);
    return *result;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}
std::size_t common_suffix(std::string_view a, std::string_view b) {
    return static_cast<std::size_t>(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
}
// Whether `less` is `more` without one run of bytes.
bool is_without_one_run(std::string_view less, std::string_view more) {
    return less.size() <= more.size() && common_prefix(less, more) + common_suffix(less, more) >= less.size();
}

std::vector<std::string> lines_of_text(std::string_view text) {
    std::vector<std::string> lines(1);
    for (const char c : text) {
        lines.back() += c;
        if (c == '\n') lines.emplace_back();
    }
    return lines;
}

// One edit on the text, and the same on the model.
struct Change {
    Edit edit;
    std::function<void(Domain&)> on_model;
};

std::string existing_mailbox(const Domain& domain) {
    RC_PRE(!domain.mailboxes.empty());
    auto entry = domain.mailboxes.begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(below(domain.mailboxes.size())));
    return entry->first;
}

Change mailbox_change(const std::string& name) {
    const KeyPath path = {"mailbox", name};
    const auto at = [&](const std::string& key) { return KeyPath{"mailbox", name, key}; };
    const auto box = [name](Domain& domain) -> Mailbox& { return domain.mailboxes.at(name); };
    switch (below(9)) {
    case 0:
        return {SetValue{at("quota"), std::string("5 GiB")}, [=](Domain& d) { box(d).quota = *parse_size("5 GiB"); }};
    case 1:
        return {SetValue{at("name"), std::string("a \"b\" \\ ü")}, [=](Domain& d) { box(d).name = "a \"b\" \\ ü"; }};
    case 2:
        return {SetValue{at("store"), true}, [=](Domain& d) { box(d).store = true; }};
    case 3:
        return {AddElement{at("aliases"), name + "-new"}, [=](Domain& d) { box(d).aliases.push_back(name + "-new"); }};
    case 4:
        return {RemoveElement{at("aliases"), name + "-x"}, [=](Domain& d) { std::erase(box(d).aliases, name + "-x"); }};
    case 5:
        return {RemoveKey{at("quota")}, [=](Domain& d) { box(d).quota = {}; }};
    case 6:
        return {SetValue{at("suspend"),
                         InlineTable{{{"receive", std::string("defer")}, {"until", DateLiteral{"2027-01-31"}}}}},
                [=](Domain& d) {
                    box(d).suspend = Suspension{false, SuspendedReceive::defer, "", *parse_date("2027-01-31")};
                }};
    case 7:
        return {RemoveTable{path}, [=](Domain& d) { d.mailboxes.erase(name); }};
    default:
        return {RenameTable{path, "new.name"}, [=](Domain& d) {
                    auto entry = d.mailboxes.extract(name);
                    entry.key() = "new.name";
                    d.mailboxes.insert(std::move(entry));
                }};
    }
}

Change other_change(const Domain& domain) {
    const auto unknown = [](Domain& d) {
        d.unknown = {UnknownAction::Kind::redirect, {*Address::parse("paul@example.com")}, {}};
    };
    switch (below(5)) {
    case 0:
        return {AddTable{{"mailbox", "new"},
                         {{"quota", std::string("1 GiB")}, {"aliases", std::vector<std::string>{"n1", "n2"}}}},
                [](Domain& d) {
                    d.mailboxes["new"].quota = *parse_size("1 GiB"), d.mailboxes["new"].aliases = {"n1", "n2"};
                }};
    case 1:
        return {SetValue{{"domain", "unknown"},
                         InlineTable{{{"action", std::string("redirect")}, {"to", std::vector<std::string>{"paul"}}}}},
                unknown};
    case 2:
        return {SetValue{{"banished", "new*"}, std::string("reject")}, [](Domain& d) {
                    d.banished.push_back({"new*", BanAnswer::reject});
                }};
    case 3:
        return {RemoveKey{{"banished", "i.am.spam"}}, [](Domain& d) {
                    std::erase(d.banished, Ban{"i.am.spam", BanAnswer::discard});
                }};
    default:
        RC_PRE(domain.forwards.contains("info"));
        return {AddElement{{"forward", "info", "to"}, "new@z.example"},
                [](Domain& d) { d.forwards["info"].to.push_back(*Address::parse("new@z.example")); }};
    }
}

} // namespace

TEST_CASE("editing the text and parsing it gives the edited model") {
    CHECK(rc::check("one edit after the other", [] {
        auto text = make_text();
        auto domain = reparsed(text);
        for (int i = 0; i < 3; ++i) {
            const bool is_of_mailbox = !domain.mailboxes.empty() && coin();
            const auto change = is_of_mailbox ? mailbox_change(existing_mailbox(domain)) : other_change(domain);
            const auto changed = apply_edits(text, std::vector{change.edit}, "f");
            if (!changed) { // the name is there already, from an edit before
                if (changed.error().kind != ErrorKind::conflict) RC_FAIL(changed.error().what + "\n" + text);
                continue;
            }
            auto want = domain;
            change.on_model(want);
            const auto result = parse_domain(*changed, "f", edited_domain, {});
            if (!result && result.error().what.find("is taken by") != std::string::npos) continue; // "new" twice
            if (!result) RC_FAIL(result.error().what + "\n" + text + "\n--->\n" + *changed);
            if (std::holds_alternative<SetValue>(change.edit) && want.banished.size() > domain.banished.size() &&
                std::ranges::count(want.banished, want.banished.back()) > 1)
                want.banished.pop_back(); // set again
            if (const auto* add = std::get_if<AddElement>(&change.edit); add && text == *changed) want = domain;
            if (!(result->domain == want)) RC_FAIL("wrong model\n" + text + "\n--->\n" + *changed);
            text = *changed;
            domain = want;
        }
    }));
}

TEST_CASE("a batch of edits does what the edits do one by one") {
    CHECK(rc::check("batch", [] {
        const auto text = make_text();
        const auto domain = reparsed(text);
        std::vector<Edit> edits;
        std::set<std::string> used;
        for (int i = 0; i < 4 && !domain.mailboxes.empty(); ++i)
            if (const auto name = existing_mailbox(domain); used.insert(name).second) {
                const auto change = mailbox_change(name);
                if (!std::holds_alternative<RenameTable>(change.edit)) edits.push_back(change.edit);
            }
        edits.push_back(AddTable{{"mailbox", "fresh"}, {{"quota", std::string("1 GiB")}}});
        auto one_by_one = text;
        for (const auto& edit : edits)
            one_by_one = applied(one_by_one, {edit});
        RC_ASSERT(reparsed(applied(text, edits)) == reparsed(one_by_one));
    }));
}

TEST_CASE("replacing a value on one line changes that line alone") {
    CHECK(rc::check("one line", [] {
        const auto text = make_text();
        const auto domain = reparsed(text);
        const auto name = existing_mailbox(domain);
        RC_PRE(domain.mailboxes.at(name).store && text.find("store") != std::string::npos);
        const auto set = applied(text, {SetValue{{"mailbox", name, "store"}, true}});
        RC_PRE(set == text); // it stands there
        const auto before = lines_of_text(text),
                   after = lines_of_text(applied(text, {SetValue{{"mailbox", name, "store"}, false}}));
        RC_ASSERT(before.size() == after.size());
        std::size_t changed = 0;
        for (std::size_t i = 0; i < before.size(); ++i)
            changed += before[i] != after[i] ? 1 : 0;
        RC_ASSERT(changed == 1U);
    }));
}

TEST_CASE("a new table is an insertion, and removing it gives the text back byte for byte") {
    CHECK(rc::check("add and remove", [] {
        const auto text = make_text();
        reparsed(text);
        const auto last = text.substr(text.find_last_not_of(" \t\r\n") + 1);
        RC_PRE(last.empty() || last == "\n" ||
               last == "\r\n"); // blank lines at the end become the ones that set it apart
        const KeyPath path = {one_of<std::string>({"mailbox", "forward", "list"}), "new"};
        const auto added = applied(text, {AddTable{path, {{"k", true}}}});
        RC_ASSERT(is_without_one_run(text, added));
        RC_ASSERT(applied(added, {RemoveTable{path}}) == text);
    }));
}

TEST_CASE("a new key is an insertion, and removing it gives the text back byte for byte") {
    CHECK(rc::check("add and remove", [] {
        const auto text = make_text();
        const auto name = existing_mailbox(reparsed(text));
        const auto added = applied(text, {SetValue{{"mailbox", name, "recovery"}, std::string("a@b.example")}});
        if (!is_without_one_run(text, added)) RC_FAIL(text + "\n--->\n" + added);
        const auto removed = applied(added, {RemoveKey{{"mailbox", name, "recovery"}}});
        const bool had_inline = added.find("recovery") != std::string::npos &&
                                std::ranges::count(added, '\n') == std::ranges::count(text, '\n');
        if (!had_inline || removed.size() == text.size())
            RC_ASSERT(removed == text);
        else
            RC_ASSERT(reparsed(removed) == reparsed(text)); // "{ }" becomes "{}"
    }));
}

TEST_CASE("removing a table takes whole lines and leaves all others") {
    CHECK(rc::check("lines stay", [] {
        const auto text = make_text();
        const auto name = existing_mailbox(reparsed(text));
        const std::size_t mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
        auto rest = lines_of_text(text.substr(mark));
        const auto left = lines_of_text(applied(text, {RemoveTable{{"mailbox", name}}}).substr(mark));
        auto at = rest.begin(); // what is left is a subsequence of what was, but for the end of the last line
        for (std::size_t i = 0; i + 1 < left.size(); ++i) {
            at = std::find(at, rest.end(), left[i]);
            if (at == rest.end()) RC_FAIL(left[i] + "--- " + name + " ---\n" + text);
            ++at;
        }
    }));
}

TEST_CASE("an excerpt says of its accounts what the whole says, and is edited to the same text") {
    std::size_t taken = 0;
    CHECK(rc::check("excerpt", [&] {
        const auto text = make_text();
        const auto domain = reparsed(text);
        const auto name = existing_mailbox(domain);
        const auto excerpt = Excerpt::take(text, {name, "new"});
        if (!excerpt) return;
        ++taken;
        RC_ASSERT(excerpt->whole_text() == text);
        auto expected = domain;
        const auto read = reparsed(excerpt->reading_text());
        if (!read.mailboxes.contains(name)) RC_FAIL(name + "\n" + excerpt->reading_text() + "\n<---\n" + text);
        std::erase_if(expected.mailboxes, [&](const auto& entry) { return !read.mailboxes.contains(entry.first); });
        std::erase_if(expected.forwards, [&](const auto& entry) { return !read.forwards.contains(entry.first); });
        if (!(read == expected)) RC_FAIL(excerpt->reading_text() + "\n<---\n" + text);
        const auto edit =
            coin() ? mailbox_change(name).edit : Edit(AddTable{{"mailbox", "new"}, {{"quota", std::string("1 GiB")}}});
        if (std::holds_alternative<RenameTable>(edit)) return;
        const auto edited = excerpt->edited(std::vector{edit}, "f");
        const auto whole = applied(text, {edit});
        if (!edited || edited->whole_text() != whole)
            RC_FAIL((edited ? edited->whole_text() : edited.error().what) + "\n<---\n" + whole + "\n<---\n" + text);
        reparsed(edited->reading_text());
    }));
    CHECK(taken > 0);
}

TEST_CASE("an excerpt leaves out what nobody asked for, and is none where strings could hide something") {
    std::string text = "[domain]\nowner = \"me\"\n";
    for (const auto* name : {"ann", "bob", "eve", "joe", "kim", "leo", "max", "zoe"})
        text += fmt::format("\n# of {0}\n[mailbox.{0}]\nname = \"{0}\"\n\n[mailbox.{0}.autoreply]\nmessage = \"x\"\n",
                            name);
    const auto excerpt = Excerpt::take(text, {"eve"});
    REQUIRE(excerpt);
    const auto domain = reparsed(excerpt->reading_text());
    CHECK(domain.mailboxes.size() == 5); // its neighbours, and the last one with its own
    for (const auto* name : {"ann", "bob", "eve", "joe", "zoe"})
        CHECK(domain.mailboxes.at(name).autoreply);
    CHECK(domain.owner == "me");
    const auto block = text + "html = \"\"\"\n[mailbox.eve]\n\\\"\"\"\n\"\"\" # end\n[mailbox.una]\n";
    CHECK(Excerpt::take(block, {"una"})->whole_text() == block);
    CHECK(reparsed(Excerpt::take(block, {"una"})->reading_text()).mailboxes.contains("una"));
    CHECK_FALSE(Excerpt::take(text + "# \"\"\"\n", {"eve"}));
    CHECK_FALSE(Excerpt::take(text + "subject = \"a ''' b\"\n", {"eve"}));
    CHECK_FALSE(Excerpt::take(text + "message = '''\n[mailbox.eve]\n", {"eve"}));
    CHECK_FALSE(Excerpt::take(text + "# [left-out-by-mailctl.0]\n", {"eve"}));
}

TEST_CASE("no edit on any bytes ends the program or leaves what is not TOML") {
    CHECK(rc::check("bytes", [](const std::string& text) {
        const auto changed = apply_edits(text, std::vector<Edit>{SetValue{{"a", "b"}, true}}, "f");
        if (changed && apply_edits(text, {}, "f"))
            RC_ASSERT(apply_edits(*changed, std::vector<Edit>{RemoveKey{{"a"}}}, "f"));
    }));
}
