// SPDX-License-Identifier: Apache-2.0
#include "reply_input.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/terminal.hpp"

#include <fmt/format.h>

namespace mailctl {
namespace {

// CRLF and lone CR become LF; the last line ends.
Result<std::string> as_text(std::string_view bytes, std::string_view option) {
    if (!is_utf8(bytes) || bytes.find('\0') != bytes.npos)
        return fail(ErrorKind::usage, fmt::format("{}: the text is not UTF-8", option),
                    "convert it: iconv -f LATIN1 -t UTF-8");
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] != '\r')
            text += bytes[i];
        else if (i + 1 == bytes.size() || bytes[i + 1] != '\n')
            text += '\n';
    }
    return text;
}

Result<std::string> load_text(const std::string& path, std::string_view option) {
    TRY_ASSIGN(const std::string bytes,
               path == "-" ? read_standard_input(option, "name a file, or pipe one in") : load_file(path));
    return as_text(bytes, option);
}

} // namespace

bool is_nothing(std::string_view value) { return value.empty() || value == "none"; }

const std::vector<Option>& reply_options() {
    static const std::vector<Option> options = {
        {.long_name = "subject", .value = "TEXT", .help = "of the reply; without one 'Auto: ' and that of the mail"},
        {.long_name = "message", .value = "TEXT", .help = "what the reply says; empty = off", .one_of = "message"},
        {.long_name = "message-file",
         .value = "FILE",
         .help = "the same from a file; - reads standard input",
         .values = Values::file,
         .one_of = "message"},
        {.long_name = "html-file",
         .value = "FILE",
         .help = "the same in HTML, shown by programs that prefer it",
         .values = Values::file},
        {.long_name = "from", .value = "ADDRESS", .help = "the From line, as 'Paul <paul@example.org>', or none"},
        {.long_name = "attach",
         .value = "FILE",
         .help = "a file of the site's attachments directory, by its name; none takes them away",
         .repeatable = true,
         .values = Values::attachment},
        {.long_name = "every", .value = "AGE", .help = "at most one reply per sender in this time, as 7d"},
    };
    return options;
}

Result<ReplyText> read_reply_text(const Arguments& arguments) {
    ReplyText text;
    text.subject = arguments.find("subject");
    text.from = arguments.find("from");
    if (text.from && is_nothing(*text.from)) text.from = "";
    const auto file = arguments.find("message-file"), html = arguments.find("html-file");
    if (file == "-" && html == "-")
        return fail(ErrorKind::usage, "standard input cannot be read twice", "put one of the two into a file");
    if (const auto given = arguments.find("message")) {
        TRY_ASSIGN(text.message, as_text(*given, "--message"));
    } else if (file) {
        TRY_ASSIGN(text.message, load_text(*file, "--message-file"));
    }
    if (html) {
        TRY_ASSIGN(text.html, load_text(*html, "--html-file"));
    }
    if (arguments.has("attach")) text.attach = arguments.all("attach");
    if (text.attach && text.attach->size() == 1 && is_nothing(text.attach->front())) text.attach->clear();
    if (const auto every = arguments.find("every"); every && is_nothing(*every)) {
        text.every.emplace();
    } else if (every) {
        TRY_ASSIGN(const Age age, parse_age(*every));
        text.every.emplace(age);
    }
    return text;
}

} // namespace mailctl
