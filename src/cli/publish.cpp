// SPDX-License-Identifier: Apache-2.0
// `mailctl publish`: the directory for other machines.
#include "mailctl/admin/cluster/publish.hpp"

#include "invocation.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <charconv>

namespace mailctl {
namespace {

Result<std::int64_t> read_generation(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number >= 0) return number;
    return fail(ErrorKind::usage, fmt::format("'{}' is not the number of a generation", printable(text)),
                "write --confirm=NUMBER, as the refusal of 'mailctl publish' says it");
}

Result<Report> run_publish(Invocation& invocation) {
    const Arguments& arguments = invocation.arguments;
    if (arguments.has("init")) {
        Report report;
        report.type = "publish";
        report.layout = Layout::text;
        report.text = publish_schema();
        return report;
    }
    PublishRequest request{.everything = arguments.has("full"), .go_above = {}};
    if (const auto confirmed = arguments.find("confirm")) {
        if (!request.everything)
            return fail(ErrorKind::usage, "--confirm goes with --full", "mailctl publish --full --confirm=GENERATION");
        TRY_ASSIGN(request.go_above, read_generation(*confirmed));
    }
    return publish_site(invocation.world, request);
}

} // namespace

Noun publish_noun() {
    return {.name = "publish",
            .summary = "the directory for other machines",
            .commands = {{.noun = "publish",
                          .verb = "",
                          .summary = "send what changed to the database that other machines read",
                          .positionals = {},
                          .options = {{.long_name = "full", .value = "", .help = "compare every row, and repair"},
                                      {.long_name = "init",
                                       .value = "",
                                       .help = "print the tables and roles in SQL, and do nothing"},
                                      {.long_name = "confirm",
                                       .value = "GENERATION",
                                       .help = "with --full: write over an older database that is at this generation"}},
                          .examples = {{"mailctl publish", ""},
                                       {"mailctl publish --init | psql -v ON_ERROR_STOP=1 -d mailctl",
                                        "make the tables and roles"}},
                          .access = Access::read,
                          .right = Right::site,
                          .run = run_publish,
                          .details = {"A database that cannot be reached: status 75, and nothing is lost; the next "
                                      "'publish' sends it. One that is older than what was published: status 4."}}},
            .also = {"replicate", "sync", "push"}};
}

} // namespace mailctl
