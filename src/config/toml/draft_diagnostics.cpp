// SPDX-License-Identifier: Apache-2.0
#include "mailctl/config/toml/draft_diagnostics.hpp"

#include <algorithm>

namespace mailctl {

std::vector<Diagnostic> place_in_file(std::vector<Diagnostic> wrong, const std::vector<Diagnostic>& in_file,
                                      const std::string& subject) {
    for (auto& diagnostic : wrong) {
        const auto known = std::ranges::find_if(in_file, [&](const Diagnostic& each) {
            return each.key == diagnostic.key && each.message == diagnostic.message;
        });
        diagnostic.file = known == in_file.end() ? subject : known->file;
        diagnostic.place = known == in_file.end() ? Place{} : known->place;
    }
    return wrong;
}

} // namespace mailctl
