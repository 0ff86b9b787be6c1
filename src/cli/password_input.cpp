// SPDX-License-Identifier: Apache-2.0
// One source, one line, one hash for each mailbox.
#include "password_input.hpp"

#include "mailctl/admin/passwords.hpp"
#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/password.hpp"
#include "mailctl/os/terminal.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace mailctl {
namespace {

constexpr std::string_view ways = "--password-stdin, --password-file FILE, --generate, --hash-stdin or --no-password";

// One line, its end taken off. A second line would silently be no part of the password: refused.
Result<std::string> one_line(std::string text, std::string_view source) {
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (text.empty()) return fail(ErrorKind::invalid, fmt::format("{} is empty", source));
    if (text.contains('\n')) return fail(ErrorKind::invalid, fmt::format("{} has more than one line", source));
    return text;
}

Result<std::string> read_line(std::string_view option) {
    TRY_ASSIGN(std::string text, read_standard_input(option, "leave the option out to be asked without echo"));
    return one_line(std::move(text), "standard input");
}

Result<std::string> read_password_file(const std::string& path) {
    if (path == "-") return read_line("--password-file");
    TRY_ASSIGN(std::string text, load_file(path));
    return one_line(std::move(text), fmt::format("'{}'", printable(path)));
}

Result<PasswordScheme> chosen_scheme(const Arguments& arguments) {
    const auto name = arguments.find("scheme");
    if (!name) return PasswordScheme::yescrypt;
    for (const char* without : {"hash-stdin", "no-password"}) {
        if (arguments.has(without))
            return fail(ErrorKind::usage, fmt::format("--scheme and --{} exclude one another", without));
    }
    return parse_scheme(*name);
}

Result<std::string> read_hash() {
    TRY_ASSIGN(std::string hash, read_line("--hash-stdin"));
    TRY(check_hash(hash));
    return hash;
}

Result<std::string> read_or_ask(const Arguments& arguments, const Address& address) {
    if (arguments.has("password-stdin")) return read_line("--password-stdin");
    if (const auto path = arguments.find("password-file")) return read_password_file(*path);
    if (!is_terminal(Stream::input))
        return fail(ErrorKind::usage, "a password is needed, and there is no terminal to ask for it",
                    fmt::format("give {}", ways));
    return read_password(fmt::format("Password for {}", printable(address.display())));
}

Result<ChosenPassword> choose_password(const World& world, const Arguments& arguments, const Address& address,
                                       PasswordScheme scheme) {
    ChosenPassword chosen;
    if (arguments.has("no-password")) return chosen;
    if (arguments.has("hash-stdin")) {
        TRY_ASSIGN(chosen.hash, read_hash());
        return chosen;
    }
    std::string password;
    if (arguments.has("generate")) {
        password = generate_password();
        chosen.generated = password;
    } else {
        TRY_ASSIGN(password, read_or_ask(arguments, address));
        if (!arguments.has("allow-weak")) {
            TRY(check_chosen_password(world, address, password));
        }
    }
    TRY_ASSIGN(chosen.hash, hash_password(password, scheme));
    return chosen;
}

} // namespace

bool will_ask_for_password(const Arguments& arguments) {
    constexpr std::array<const char*, 5> given{"password-stdin", "password-file", "generate", "hash-stdin",
                                               "no-password"};
    return std::ranges::none_of(given, [&](const char* option) { return arguments.has(option); }) &&
           is_terminal(Stream::input);
}

const std::vector<Option>& password_options() {
    static const std::vector<Option> options = {
        {.long_name = "password-stdin",
         .value = "",
         .help = "read the password from standard input",
         .one_of = "password"},
        {.long_name = "password-file",
         .value = "FILE",
         .help = "read the password from FILE",
         .values = Values::file,
         .one_of = "password"},
        {.long_name = "generate", .value = "", .help = "make a password and print it once", .one_of = "password"},
        {.long_name = "hash-stdin",
         .value = "",
         .help = "read a hash with its {SCHEME} from standard input",
         .one_of = "password"},
        {.long_name = "no-password", .value = "", .help = "nobody can log in", .one_of = "password"},
        {.long_name = "scheme",
         .value = "SCHEME",
         .help = "how the password is hashed; yescrypt by default",
         .values = Values::choice,
         .choices = {"yescrypt", "argon2id", "bcrypt", "sha512-crypt"}},
        {.long_name = "allow-weak", .value = "", .help = "take a password that passwords.* of mailctl.toml refuses"},
    };
    return options;
}

Result<std::vector<ChosenPassword>> choose_passwords(const Invocation& invocation, std::span<const Address> addresses) {
    const Arguments& arguments = invocation.arguments;
    if (arguments.has("allow-weak") && invocation.world.role.kind != Role::Kind::site)
        return fail(ErrorKind::denied, "--allow-weak is for the site's administrator", "choose a better password");
    const bool one_each = arguments.has("generate") || arguments.has("no-password");
    if (addresses.size() > 1 && !one_each)
        return fail(ErrorKind::usage, "one password for several mailboxes is refused",
                    "give --generate or --no-password, or one mailbox at a time");
    TRY_ASSIGN(const PasswordScheme scheme, chosen_scheme(arguments));
    std::vector<ChosenPassword> chosen;
    for (const Address& address : addresses) {
        TRY_ASSIGN(ChosenPassword password, choose_password(invocation.world, arguments, address, scheme));
        chosen.push_back(std::move(password));
    }
    return chosen;
}

void show_generated(Report& report, std::span<const Address> addresses, std::span<const ChosenPassword> passwords) {
    const bool known_rows = report.rows.size() == addresses.size();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (!passwords[i].generated) continue;
        report.layout = Layout::table; // this is data, whatever else the report has to say
        if (!known_rows) report.rows.push_back({{"address", addresses[i].display(), true, true, {}}});
        Cells& row = known_rows ? report.rows[i] : report.rows.back();
        row.push_back({"generated_password", *passwords[i].generated, true, true, "PASSWORD"});
    }
}

} // namespace mailctl
