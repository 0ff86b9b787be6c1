// SPDX-License-Identifier: Apache-2.0
// `mailctl init`: a new site.
#include "mailctl/admin/init.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_init(Invocation& invocation) {
    InitRequest request;
    if (const auto name = invocation.arguments.find("hostname")) {
        TRY_ASSIGN(request.hostname, DomainName::parse(*name));
    }
    if (const auto address = invocation.arguments.find("postmaster")) {
        TRY_ASSIGN(request.postmaster, read_address(invocation, *address));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return init_site(invocation.world, request, options);
}

} // namespace

Noun init_noun() {
    return {.name = "init",
            .summary = "create a site: its directories, its settings, its SRS secret",
            .commands = {{
                .noun = "init",
                .verb = "",
                .summary = "create a site",
                .positionals = {},
                .options = {{.long_name = "hostname",
                             .value = "NAME",
                             .help = "the name this machine gives in mail; its own by default"},
                            {.long_name = "postmaster",
                             .value = "ADDRESS",
                             .help = "who gets mail for postmaster and abuse of every domain",
                             .values = Values::mailbox}},
                .examples = {{"mailctl init --hostname mx.example.org --postmaster admin@example.org",
                              "the system paths, as root"},
                             {"mailctl init --root ~/try-mail", "a site of its own, without privileges"}},
                .access = Access::write,
                .right = Right::site,
                .run = run_init,
                .details = {"An existing site is never overwritten: with the same answers nothing changes, with others "
                            "the command is refused."},
            }},
            .also = {"setup", "install"}};
}

} // namespace mailctl
