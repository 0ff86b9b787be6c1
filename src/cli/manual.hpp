// SPDX-License-Identifier: Apache-2.0
// The parts of the man pages that the command table knows: synopses, commands, options, settings. The prose is written
// by hand in man/*.scd; lines such as "; table: commands mailbox" in it are replaced while the pages are built, so that
// a page cannot promise an option the program does not have.
#pragma once

#include "command.hpp"

namespace mailctl {

// The page (scdoc) with every "; table: WHAT [NOUN]" line replaced. WHAT: synopsis, commands (of a noun), nouns,
// options (global), writer-options, settings (keys of mailctl.toml), csv-columns, csv-profiles. invalid: an unknown
// WHAT or NOUN.
[[nodiscard]] Result<std::string> fill_page(std::string_view page);

// Hidden commands: `__manual < page.scd` for the build, `__commands` prints the table as JSON for the tests.
[[nodiscard]] Result<int> run_manual(std::span<const std::string> words);
[[nodiscard]] Result<int> run_commands();

} // namespace mailctl
