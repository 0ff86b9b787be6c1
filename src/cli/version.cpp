// SPDX-License-Identifier: Apache-2.0
// `mailctl version`.
#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_version(Invocation& invocation) {
    Report report;
    report.type = "version";
    report.layout = Layout::text;
    report.rows = {{{"id", std::string("mailctl"), true, true, {}}, {"version", invocation.version, true, true, {}}}};
    report.text = "mailctl " + invocation.version + "\n";
    return report;
}

} // namespace

Noun version_noun() {
    return {.name = "version",
            .summary = "the version of mailctl",
            .commands = {{.noun = "version",
                          .verb = "",
                          .summary = "print the version",
                          .positionals = {},
                          .options = {},
                          .examples = {{"mailctl version", ""}},
                          .access = Access::none,
                          .right = Right::everybody,
                          .run = run_version}},
            .also = {}};
}

} // namespace mailctl
