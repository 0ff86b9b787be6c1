// SPDX-License-Identifier: Apache-2.0
// `mailctl import`: accounts from CSV, and from what other mail servers have on disk.
#include "mailctl/admin/transfer/import.hpp"

#include "invocation.hpp"
#include "mailctl/admin/transfer/import_source.hpp"

namespace mailctl {
namespace {

ImportMode chosen_mode(const Arguments& arguments) {
    if (arguments.has("create-only")) return ImportMode::create_only;
    if (arguments.has("update-only")) return ImportMode::update_only;
    return arguments.has("prune") ? ImportMode::prune : ImportMode::upsert;
}

Status check_options(const Arguments& arguments) {
    if (arguments.has("generate") != arguments.has("password-out"))
        return fail(ErrorKind::usage, "--generate and --password-out go together",
                    "give --generate --password-out FILE; generated passwords are never shown");
    if (arguments.has("prune") && arguments.has("partial"))
        return fail(ErrorKind::usage, "--prune and --partial exclude one another",
                    "a row that is left out would delete its account");
    return {};
}

Result<ImportRequest> read_request(const Invocation& invocation) {
    const Arguments& arguments = invocation.arguments;
    TRY(check_options(arguments));
    ImportRequest request{.domain = invocation.domain,
                          .mode = chosen_mode(arguments),
                          .partial = arguments.has("partial"),
                          .create_domains = arguments.has("create-domains"),
                          .reuse = arguments.has("reuse"),
                          .generate = arguments.has("generate"),
                          .password_file = arguments.find("password-out").value_or(""),
                          .errors_file = arguments.find("errors").value_or("")};
    if (const auto scheme = arguments.find("scheme")) {
        TRY_ASSIGN(request.scheme, parse_scheme(*scheme));
    }
    for (const std::string& name : arguments.all("confirm")) {
        TRY_ASSIGN(DomainName domain, DomainName::parse(name));
        request.confirmed.push_back(std::move(domain));
    }
    return request;
}

Result<Report> run_import(Invocation& invocation) {
    TRY_ASSIGN(ImportRequest request, read_request(invocation));
    TRY_ASSIGN(const ChangeOptions options, change_options(invocation));
    TRY_ASSIGN(LoadedImport loaded, load_import({.path = invocation.words.front(),
                                                 .profile = invocation.arguments.find("profile").value_or(""),
                                                 .encoding = invocation.arguments.find("encoding").value_or(""),
                                                 .domain = invocation.domain}));
    request.mapping = std::move(loaded.mapping);
    return import_accounts(invocation.world, std::move(loaded.text), request, options);
}

std::vector<Option> import_options() {
    return {
        {.long_name = "profile",
         .value = "PROFILE",
         .help = "the product that the file comes from; without it the columns are mailctl's",
         .values = Values::choice,
         .choices = import_profiles()},
        {.long_name = "encoding",
         .value = "ENCODING",
         .help = "of the file, as windows-1252; UTF-8 and UTF-16 are detected"},
        {.long_name = "create-only", .value = "", .help = "refuse to change what is there", .one_of = "mode"},
        {.long_name = "update-only", .value = "", .help = "refuse to make what is missing", .one_of = "mode"},
        {.long_name = "prune",
         .value = "",
         .help = "delete what the file does not name, in its domains and of its types",
         .one_of = "mode"},
        {.long_name = "confirm",
         .value = "DOMAIN",
         .help = "a domain in which accounts may be deleted",
         .repeatable = true,
         .values = Values::domain},
        {.long_name = "partial", .value = "", .help = "leave rows out that are wrong, instead of refusing all"},
        {.long_name = "errors",
         .value = "FILE",
         .help = "write the rows that are wrong to FILE, to be corrected and imported again",
         .values = Values::file},
        {.long_name = "create-domains", .value = "", .help = "make domains that the file names and the site lacks"},
        {.long_name = "reuse", .value = "", .help = "also names that deleted mailboxes had"},
        {.long_name = "generate", .value = "", .help = "make passwords for mailboxes that have none"},
        {.long_name = "password-out",
         .value = "FILE",
         .help = "a new file for the generated passwords, readable by you alone",
         .values = Values::file},
        {.long_name = "scheme",
         .value = "SCHEME",
         .help = "how plain passwords are hashed; yescrypt by default",
         .values = Values::choice,
         .choices = {"yescrypt", "argon2id", "bcrypt", "sha512-crypt"}},
    };
}

} // namespace

Noun import_noun() {
    return {.name = "import",
            .summary = "accounts from CSV and from other mail servers",
            .commands =
                {{.noun = "import",
                  .verb = "",
                  .summary = "make and change accounts as a file says",
                  .positionals = {{"FILE", Count::one, Values::file, {}, false}},
                  .options = import_options(),
                  .examples = {{"mailctl import accounts.csv --dry-run", "what it would change; nothing is written"},
                               {"mailctl import accounts.csv", "all rows, or none if one is wrong"},
                               {"mailctl import users.csv --profile google --partial --errors wrong.csv",
                                "good rows; the others to be corrected and imported again"},
                               {"mailctl import new.csv --generate --password-out passwords.csv", ""}},
                  .access = Access::write,
                  .right = Right::domain,
                  .run = run_import,
                  .details = {"All rows are checked first; every one that is wrong is told with its line and column, "
                              "and nothing is written unless all are good. An empty cell leaves what is there, - or "
                              "none clears it. The same file a second time changes nothing.",
                              "Off the site's own account FILE is '-'.",
                              "For each domain that loses accounts --prune needs --confirm."}}},
            .also = {"load", "migrate"}};
}

} // namespace mailctl
