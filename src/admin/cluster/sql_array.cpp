// SPDX-License-Identifier: Apache-2.0
#include "sql_array.hpp"

namespace mailctl {

std::string sql_array(const std::vector<std::string>& texts) {
    std::string array = "{";
    for (const auto& text : texts) {
        if (array.size() > 1) array += ',';
        array += '"';
        for (const char c : text) {
            if (c == '"' || c == '\\') array += '\\';
            array += c;
        }
        array += '"';
    }
    return array + "}";
}

} // namespace mailctl
