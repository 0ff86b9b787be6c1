// SPDX-License-Identifier: Apache-2.0
// `mailctl config`: the settings of the site.
#include "mailctl/admin/settings.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_config_show(Invocation& invocation) { return show_settings(invocation.world, invocation.words); }

Result<Report> run_config_set(Invocation& invocation) {
    std::vector<Assignment> assignments;
    for (const std::string& word : invocation.words) {
        TRY_ASSIGN(Assignment assignment, parse_assignment(word));
        assignments.push_back(std::move(assignment));
    }
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    return set_settings(invocation.world, assignments, options);
}

Result<Report> run_config_check(Invocation& invocation) { return check_settings(invocation.world); }

} // namespace

Noun config_noun() {
    return {.name = "config",
            .summary = "the settings of the site",
            .commands =
                {
                    {.noun = "config",
                     .verb = "show",
                     .summary = "show settings with their values",
                     .positionals = {{"KEY", Count::any, Values::setting}},
                     .options = {},
                     .examples = {{"mailctl config show", "all of them"},
                                  {"mailctl config show delivery.single_instance", ""}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_config_show},
                    {.noun = "config",
                     .verb = "set",
                     .summary = "change settings",
                     .positionals = {{"KEY=VALUE", Count::many, Values::key}},
                     .options = {},
                     .examples = {{"mailctl config set hostname=mx.example.org", ""},
                                  {"mailctl config set maps.mode=postfix -m 'Postfix expands aliases now'", ""}},
                     .access = Access::write,
                     .right = Right::site,
                     .run = run_config_set,
                     .details = {"mailctl.toml(5) has every key. An empty value goes back to the default."}},
                    {.noun = "config",
                     .verb = "check",
                     .summary = "check mailctl.toml and all domain files",
                     .positionals = {},
                     .options = {},
                     .examples = {{"mailctl config check", "status 5: something is wrong, and where"}},
                     .access = Access::read,
                     .right = Right::site,
                     .run = run_config_check,
                     .details = {"Every finding names file, line, column and key. Nothing is changed."}},
                },
            .also = {"settings", "conf", "configuration"}};
}

} // namespace mailctl
