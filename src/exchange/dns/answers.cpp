// SPDX-License-Identifier: Apache-2.0
// The book of answers, and its file.
#include "mailctl/exchange/dns/answers.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/config/dns_words.hpp"
#include "mailctl/exchange/dns/record.hpp"
#include "mailctl/report/json.hpp"
#include "mailctl/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace mailctl {
namespace {

// How many words a value has, and which of them are names; of a text there is one.
struct TypeForm {
    std::string_view type;
    std::size_t words = 1;
    std::size_t name_at = none;
    static constexpr std::size_t none = 99;
};
constexpr std::array type_forms{
    TypeForm{"A"},         TypeForm{"AAAA"},      TypeForm{"MX", 2, 1},  TypeForm{"TXT"},    TypeForm{"CNAME", 1, 0},
    TypeForm{"NS", 1, 0},  TypeForm{"PTR", 1, 0}, TypeForm{"SRV", 4, 3}, TypeForm{"CAA", 3}, TypeForm{"TLSA", 4},
    TypeForm{"SOA", 7, 0}, TypeForm{"DS", 4},     TypeForm{"DNSKEY", 4},
};

const TypeForm* find_form(std::string_view type) {
    const auto found = std::ranges::find(type_forms, type, &TypeForm::type);
    return found == type_forms.end() ? nullptr : &*found;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!(text = trim(text)).empty()) {
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

// What a backslash at `at` stands for (RFC 1035 5.1): \DDD a byte, \X the X itself. `at` moves to its last character.
char escaped_character(std::string_view text, std::size_t& at) {
    unsigned byte = 0;
    const auto digits = text.substr(at + 1, 3);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte);
    if (digits.size() == 3 && error == std::errc{} && end == digits.data() + 3 && byte < 256) {
        at += 3;
        return static_cast<char>(byte);
    }
    return text[++at];
}

// The strings of a TXT value joined; a text that does not begin with a quote is one string as it is.
std::string joined_strings(std::string_view text) {
    if (!trim(text).starts_with('"')) return std::string(text);
    std::string joined;
    bool inside = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            inside = !inside;
        else if (inside)
            joined += text[i] == '\\' && i + 1 < text.size() ? escaped_character(text, i) : text[i];
    }
    return joined;
}

std::string dotted_name(std::string word) {
    word = fold(word);
    return word.ends_with('.') ? word : word + '.';
}

std::string value_of_words(const TypeForm& form, std::vector<std::string> words) {
    if (words.size() > form.words && (form.type == "DS" || form.type == "DNSKEY" || form.type == "TLSA")) {
        for (std::size_t i = form.words; i < words.size(); ++i) // long fields may be written in pieces
            words[form.words - 1] += words[i];
        words.resize(form.words);
    }
    if (words.size() != form.words) return {};
    if (form.name_at != TypeForm::none) words[form.name_at] = dotted_name(words[form.name_at]);
    if (form.type == "TLSA") words.back() = fold(words.back());
    return join(words, " ");
}

// A cell's value of a kind, if the object has it.
template <class T>
const T* find_cell(const Cells& cells, std::string_view key) {
    const auto found = std::ranges::find(cells, key, &Cell::key);
    return found == cells.end() ? nullptr : std::get_if<T>(&found->value);
}

Result<DnsQuestion> question_of(const std::string& key) {
    const auto words = words_of(key);
    if (words.size() < 2 || words.size() > 3)
        return fail(ErrorKind::invalid, fmt::format("'{}' is not NAME TYPE", printable(key)));
    DnsQuestion question{fold(words[0]), words[1], words.size() == 3 ? words[2] : ""};
    if (question.name.ends_with('.') && question.name.size() > 1) question.name.pop_back();
    std::ranges::transform(question.type, question.type.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (!find_form(question.type))
        return fail(ErrorKind::invalid,
                    fmt::format("'{}': type '{}' is not known", printable(key), printable(question.type)));
    return question;
}

Result<DnsAnswer> answer_of(const DnsQuestion& question, const Cells& cells) {
    DnsAnswer answer;
    const auto* values = find_cell<std::vector<std::string>>(cells, "answers");
    const auto* rcode = find_cell<std::string>(cells, "rcode");
    answer.rcode = rcode ? *rcode : "NOERROR";
    if (const auto* secure = find_cell<bool>(cells, "secure")) answer.secure = *secure;
    if (const auto* bogus = find_cell<bool>(cells, "bogus")) answer.bogus = *bogus;
    if (const auto* trouble = find_cell<std::string>(cells, "trouble")) answer.trouble = *trouble;
    if (const auto* ttl = find_cell<std::int64_t>(cells, "ttl")) answer.ttl = static_cast<unsigned>(*ttl);
    for (const auto& text : values ? *values : std::vector<std::string>{}) {
        auto value = canonical_value(question.type, text);
        if (value.empty() && question.type != "TXT")
            return fail(ErrorKind::invalid, fmt::format("'{} {}': '{}' is not a value of that type", question.name,
                                                        question.type, printable(text)));
        answer.values.push_back(std::move(value));
    }
    std::ranges::sort(answer.values);
    return answer;
}

} // namespace

std::string canonical_value(std::string_view type, std::string_view text) {
    const auto* form = find_form(type);
    if (!form) return {};
    if (type == "TXT") return joined_strings(text);
    if (type == "A" || type == "AAAA") return canonical_address(trim(text));
    if (type == "CAA") {
        const auto caa = parse_caa(text);
        return caa ? fmt::format("{} {} \"{}\"", caa->flags, caa->tag, caa->value) : std::string();
    }
    return value_of_words(*form, words_of(text));
}

const DnsAnswer& DnsBook::ask(const DnsQuestion& question) {
    static const DnsAnswer nobody_answered;
    if (const auto found = answers_.find(question); found != answers_.end()) return found->second;
    if (!taken_.contains(question)) open_.insert(question);
    return nobody_answered;
}

void DnsBook::put(const DnsQuestion& question, DnsAnswer answer) {
    answers_.insert_or_assign(question, std::move(answer));
}

std::vector<DnsQuestion> DnsBook::take_open() {
    std::vector<DnsQuestion> open(open_.begin(), open_.end());
    taken_.merge(open_);
    open_.clear();
    return open;
}

Result<DnsAnswers> parse_dns_answers(std::string_view text) {
    TRY_ASSIGN(const auto object, parse_json_object(text));
    DnsAnswers answers;
    for (const auto& cell : object) {
        TRY_ASSIGN(const auto question, question_of(cell.key));
        const auto* cells = std::get_if<Cells>(&cell.value);
        if (!cells) return fail(ErrorKind::invalid, fmt::format("'{}' is not an object", printable(cell.key)));
        TRY_ASSIGN(answers[question], answer_of(question, *cells));
    }
    return answers;
}

std::string format_dns_answer(const DnsQuestion& question, const DnsAnswer& answer) {
    std::vector<std::string> values;
    for (const auto& value : answer.values)
        values.push_back(zone_value({question.name, question.type, value}));
    Cells cells{{"rcode", answer.rcode}, {"secure", answer.secure}, {"answers", values}};
    if (answer.bogus) cells.push_back({"bogus", true});
    if (!answer.trouble.empty()) cells.push_back({"trouble", answer.trouble});
    if (answer.ttl != 0) cells.push_back({"ttl", std::int64_t{answer.ttl}});
    const auto key = question.name + ' ' + question.type + (question.server.empty() ? "" : ' ' + question.server);
    const auto line = render_json_line({{key, cells}});
    return line.substr(1, line.size() - 2);
}

} // namespace mailctl
