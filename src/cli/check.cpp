// SPDX-License-Identifier: Apache-2.0
// `mailctl check`: everything that is wrong with the site.
#include "mailctl/admin/care/check.hpp"

#include "invocation.hpp"
#include "mailctl/base/text.hpp"

#include <algorithm>

namespace mailctl {
namespace {

// Of a list "files,maps" each word; the option may be repeated too.
std::vector<std::string> read_only_words(const Arguments& arguments) {
    std::vector<std::string> words;
    for (const auto& list : arguments.all("only"))
        for (const auto word : split(std::string_view(list), ','))
            if (!trim(word).empty()) words.emplace_back(trim(word));
    return words;
}

Result<Report> run_check(Invocation& invocation) {
    CheckRequest request{.domains = {},
                         .only = read_only_words(invocation.arguments),
                         .fix = invocation.arguments.has("fix"),
                         .version = invocation.version,
                         .options = {}};
    TRY_ASSIGN(request.domains, read_domains(invocation, invocation.words));
    TRY_ASSIGN(request.options, change_options(invocation));
    return check_site(invocation.world, request);
}

} // namespace

Noun check_noun() {
    return {
        .name = "check",
        .summary = "everything that is wrong or doubtful",
        .commands =
            {{.noun = "check",
              .verb = "",
              .summary = "look for all that is wrong with the site, its host and its mail servers",
              .positionals = {{"DOMAIN", Count::any, Values::domain}},
              .options = {{.long_name = "only",
                           .value = "AREA",
                           .help = "only these areas or checks: data, files, maps, mail, postfix, dovecot, "
                                   "dns, certificates, agent, host, or an id",
                           .repeatable = true,
                           .values = Values::check},
                          {.long_name = "fix", .value = "", .help = "mend what is safe to mend"}},
              .examples = {{"mailctl check", ""},
                           {"mailctl check --only postfix,dovecot", "after a change of their files"},
                           {"mailctl check --fix -n", "what could be mended"},
                           {"mailctl check -q || mail -s 'mail site' root", "from cron"}},
              .access = Access::write,
              .right = Right::site,
              .run = run_check,
              .details = {"Status 5: there is an error or a warning. Advice alone is 0.",
                          "Postfix and Dovecot are asked for their own settings (postconf, doveconf), the "
                          "agent on its socket, the DNS as 'mailctl dns check' saw it last. What could not "
                          "be looked at is said, as advice.",
                          "What --fix does: it builds maps anew, takes the files of the site away from everybody, and "
                          "removes old files in tmp and maildirsize files that say something wrong. It touches no file "
                          "of Postfix, Dovecot or yours, and "
                          "no mail."}}},
        .also = {"doctor", "diagnose", "verify", "lint"}};
}

} // namespace mailctl
