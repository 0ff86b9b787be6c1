// SPDX-License-Identifier: Apache-2.0
// One pass over the header, however many fields it has. The rules are a table: a field, and what of its value speaks
// against a reply.
#include "mailctl/mail/autoreply.hpp"

#include "address_list.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/model/others_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mailctl {
namespace {

constexpr std::size_t max_named = 5000; // addresses looked at in To, Cc and the like

// Names that no person writes from (E3): as patterns, and by the words in them.
constexpr std::array automatic_names = {"postmaster", "listserv", "majordomo", "mailman",   "root",     "nobody",
                                        "daemon",     "owner-*",  "*-owner",   "*-request", "request-*"};
constexpr std::array automatic_words = {
    " noreply ",   " donotreply ", " dontreply ",     " no reply ",       " not reply ",   " dont reply ",
    " bounce ",    " bounces ",    " mailerdaemon ",  " mailer daemon ",  " maildaemon ",  " mail daemon ",
    " autoreply ", " auto reply ", " autoresponder ", " auto responder ", " autoresponse "};

// " news bounces " for "News-Bounces-12": the runs of letters, so that no separator and no number hides a word.
std::string letters_of(std::string_view name) {
    std::string words = " ";
    for (const char c : fold(name)) {
        const bool is_letter = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
        if (is_letter)
            words += c;
        else if (!words.ends_with(' '))
            words += ' ';
    }
    return words.ends_with(' ') ? words : words + ' ';
}

bool is_automatic_name(const LocalPart& local) {
    const auto matches = [&](const char* name) { return matches_glob(name, local.text()); };
    if (std::ranges::any_of(automatic_names, matches)) return true;
    const auto words = letters_of(local.text());
    return std::ranges::any_of(automatic_words, [&](const char* word) { return words.contains(word); });
}

// What stands before a comment or parameters, folded: "Auto-Replied (vacation); x=y" is "auto-replied".
std::string first_word(std::string_view value) {
    while (trim(value).starts_with('(')) { // a comment in front
        const auto close = value.find(')');
        if (close == value.npos) return {};
        value.remove_prefix(close + 1);
    }
    return fold(trim(value.substr(0, value.find_first_of("(;,"))));
}

bool has_word(std::string_view value, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(split(value, ','), [&](std::string_view part) {
        return std::ranges::any_of(words, [&](std::string_view word) { return first_word(part) == word; });
    });
}

bool is_anything(std::string_view) { return true; }
bool is_not_no(std::string_view value) { return first_word(value) != "no"; }
bool is_yes(std::string_view value) { return fold(trim(value)).starts_with("yes"); }
// What filters say of spam and viruses: "Spam, tests=bogofilter", "Yes", "Infected", "reject".
bool is_condemned(std::string_view value) {
    const auto word = first_word(value.substr(0, value.find(' ', value.find_first_not_of(' '))));
    constexpr std::array verdicts = {"yes", "spam", "infected", "virus", "reject", "quarantine", "true"};
    return std::ranges::any_of(verdicts, [&](const char* each) { return word == each; });
}
// Exchange's spam confidence level: from 5 on it is spam.
bool is_confident(std::string_view value) {
    const auto level = trim(value);
    return level.size() == 1 && level.front() >= '5' && level.front() <= '9';
}
bool is_bulk(std::string_view value) { return has_word(value, {"bulk", "junk", "list", "auto_reply"}); }
bool suppresses(std::string_view value) { return has_word(value, {"all", "oof", "autoreply"}); }
bool is_empty_path(std::string_view value) { return trim(value) == "<>"; }
// Reports of mail systems and invitations to meetings (E11).
bool is_machine_type(std::string_view value) {
    const auto type = first_word(value);
    constexpr std::array types = {"multipart/report", "message/delivery-status", "message/disposition-notification",
                                  "text/calendar"};
    return std::ranges::any_of(types, [&](const char* each) { return type == each; });
}
bool is_meeting(std::string_view value) { return fold(value).find("calendarmessage") != std::string::npos; }
bool is_from_machine(std::string_view value) {
    bool automatic = false;
    visit_addresses(value, [&](const Address& from) { return !(automatic = is_automatic_name(from.local)); });
    return automatic;
}

// An X-Loop without an address is the mark of a robot, whose ever it is.
bool names_nobody(std::string_view value) {
    bool nobody = true;
    visit_addresses(value, [&](const Address&) { return nobody = false; });
    return nobody;
}

struct Rule {
    std::string_view field; // folded; "list-*" stands for all that begin so
    bool (*speaks_against)(std::string_view value);
};
constexpr std::array rules = {
    Rule{"auto-submitted", is_not_no},
    Rule{"list-*", is_anything},
    Rule{"mailing-list", is_anything},
    Rule{"x-mailing-list", is_anything},
    Rule{"x-beenthere", is_anything},
    Rule{"x-mailman-version", is_anything},
    Rule{"feedback-id", is_anything}, // of whoever sends to many and wants to know which mailing was complained of
    Rule{"x-feedback-id", is_anything},
    Rule{"precedence", is_bulk},
    Rule{"x-precedence", is_bulk},
    Rule{"x-auto-response-suppress", suppresses},
    Rule{"x-autogenerated", is_not_no},
    Rule{"x-autoreply", is_not_no},
    Rule{"x-autorespond", is_not_no},
    Rule{"x-autoresponder", is_not_no},
    Rule{"x-autoreply-from", is_anything},
    Rule{"x-mail-autoreply", is_not_no},
    Rule{"x-spam-flag", is_condemned},
    Rule{"x-spam-status", is_yes},
    Rule{"x-spam", is_condemned},
    Rule{"x-spam-action", is_condemned},
    Rule{"x-dspam-result", is_condemned},
    Rule{"x-bogosity", is_condemned},
    Rule{"x-rspamd-action", is_condemned},
    Rule{"x-virus-status", is_condemned},
    Rule{"x-ms-exchange-organization-scl", is_confident},
    Rule{"x-loop", names_nobody},
    Rule{"x-facebook-notify", is_anything},
    Rule{"x-amazon-mail-relay-type", is_anything},
    Rule{"content-type", is_machine_type},
    Rule{"content-class", is_meeting},
    Rule{"x-failed-recipients", is_anything},
    Rule{"return-path", is_empty_path},
    Rule{"from", is_from_machine},
    Rule{"reply-to", is_from_machine},
};

bool is_field(std::string_view name, std::string_view rule) {
    if (!rule.ends_with('*')) return equal_folded(name, rule);
    rule.remove_suffix(1);
    return name.size() > rule.size() && equal_folded(name.substr(0, rule.size()), rule);
}

bool names_recipients(std::string_view name) {
    constexpr std::array fields = {"to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc"};
    return std::ranges::any_of(fields, [&](const char* field) { return equal_folded(name, field); });
}

class HeaderJudge {
  public:
    explicit HeaderJudge(const IsOwnAddress& is_own) : is_own_(is_own) {}

    void look_at(const HeaderField& field) {
        if (objection_) return;
        for (const auto& rule : rules) {
            if (!is_field(field.name, rule.field)) continue;
            const auto value = unfold(field.value);
            if (rule.speaks_against(value)) return object(field.name, value);
        }
        if (equal_folded(field.name, "x-loop") || equal_folded(field.name, "delivered-to")) {
            if (holds_own(unfold(field.value))) object(field.name, "our own address");
        } else if (!named_ && names_recipients(field.name)) {
            named_ = holds_own(unfold(field.value));
        }
    }
    [[nodiscard]] const std::optional<std::string>& sign_of_machine() const { return objection_; }
    [[nodiscard]] std::optional<std::string> objection() const {
        if (objection_ || named_) return objection_;
        return "its recipient fields do not name this address";
    }

  private:
    void object(std::string_view field, std::string_view value) {
        constexpr std::size_t enough = 60;
        objection_ = fmt::format("{}: {}", printable(field.substr(0, enough)), printable(value.substr(0, enough)));
    }
    bool holds_own(const std::string& value) {
        bool found = false;
        visit_addresses(value, [&](const Address& address) {
            found = is_own_(address);
            return !found && ++looked_at_ < max_named;
        });
        return found;
    }

    const IsOwnAddress& is_own_;
    std::optional<std::string> objection_;
    bool named_ = false;
    std::size_t looked_at_ = 0;
};

// Nobody can be reached there (RFC 6761), or only on that machine (E14).
bool is_nowhere(const DomainName& domain) {
    const auto& name = domain.text();
    if (!parse_others_domain(name)) return true; // "#@[]", what some bounces come from
    if (domain.is_literal()) return false;
    return name.find('.') == name.npos || name.ends_with(".invalid") || name.ends_with(".localhost") ||
           name.ends_with(".localdomain");
}

} // namespace

std::optional<std::string> object_to_sender(const Sender& sender, const IsOwnAddress& is_own) {
    if (!sender) return "the null sender is never answered";
    if (is_automatic_name(sender->local)) return "its sender is no person";
    if (is_nowhere(sender->domain)) return "its sender's domain cannot be reached";
    if (is_own(*sender)) return "it comes from the address itself";
    const auto real = real_sender(*sender);
    if (is_own(real)) return "it comes from the address itself";
    if (is_automatic_name(real.local)) return "its sender is no person";
    return std::nullopt;
}

std::optional<std::string> object_to_date(std::optional<Date> start, std::optional<Date> end, Date today) {
    if (start && today < *start) return "it begins on " + format_date(*start);
    if (end && today > *end) return "it ended on " + format_date(*end);
    return std::nullopt;
}

std::optional<std::string> object_to_answer(const AnswerQuestion& question) {
    if (auto objection = object_to_date(question.start, question.end, question.today)) return objection;
    if (auto objection = object_to_sender(question.sender, question.is_own)) return objection;
    HeaderJudge judge(question.is_own);
    question.header.for_each([&](const HeaderField& field) { judge.look_at(field); });
    return judge.objection();
}

bool is_from_person(const Sender& sender, const HeaderSection& header) {
    const IsOwnAddress nobody = [](const Address&) { return false; };
    if (object_to_sender(sender, nobody)) return false;
    HeaderJudge judge(nobody);
    header.for_each([&](const HeaderField& field) { judge.look_at(field); });
    return !judge.sign_of_machine();
}

} // namespace mailctl
