// SPDX-License-Identifier: Apache-2.0
// `mailctl explain`: what becomes of mail for an address, and why.
#include "mailctl/admin/explain.hpp"

#include "invocation.hpp"

namespace mailctl {
namespace {

Result<Report> run_explain(Invocation& invocation) {
    ExplainRequest request;
    TRY_ASSIGN(request.addresses, read_addresses(invocation, invocation.words));
    if (const auto from = invocation.arguments.find("from")) {
        request.from.emplace(); // the null sender
        if (!from->empty() && *from != "<>") {
            TRY_ASSIGN(*request.from, Address::parse(*from));
        }
    }
    if (const auto size = invocation.arguments.find("size")) {
        TRY_ASSIGN(request.size, parse_size(*size));
    }
    return explain_addresses(invocation.world, request);
}

} // namespace

Noun explain_noun() {
    return {
        .name = "explain",
        .summary = "what becomes of mail for an address, and why",
        .commands = {{
            .noun = "explain",
            .verb = "",
            .summary = "show what becomes of mail for an address, rule by rule",
            .positionals = {{"ADDRESS", Count::many, Values::address}},
            .options =
                {{.long_name = "from", .value = "SENDER", .help = "the envelope sender; '<>' is that of bounces"},
                 {.long_name = "size", .value = "SIZE", .help = "the size of the message, for limits and quotas"}},
            .examples = {{"mailctl explain info@example.org", ""},
                         {"mailctl explain ann+lists@example.org --from friend@elsewhere.example --size 20M", ""}},
            .access = Access::read,
            .right = Right::domain,
            .run = run_explain,
            .details =
                {"The answer is computed by the resolver the delivery agent uses, from the same compiled directory."},
        }},
        .also = {"why", "resolve", "lookup", "test"}};
}

} // namespace mailctl
