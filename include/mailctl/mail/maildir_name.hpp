// SPDX-License-Identifier: Apache-2.0
// Names inside a Maildir: of message files (Dovecot's form, with sizes) and of folders (Maildir++: ".A.B", modified
// UTF-7). Nothing here touches a disk. Text from a peer becomes a name only through folder_directory() and
// detail_directory(), which refuse rather than repair whatever could leave the Maildir.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailctl {

// Unique per host, process, microsecond and counter (delivery B1).
struct UniqueName {
    std::int64_t seconds = 0; // since 1970 UTC
    unsigned microseconds = 0;
    std::int64_t pid = 0;
    std::uint64_t counter = 0; // of this process, never repeated
    std::string host;
};
// "1700000000.M123456P42Q7.host": no size yet, for tmp/.
[[nodiscard]] std::string format_unique_name(const UniqueName& name);
// The same with ",S=<bytes as stored>,W=<bytes with CRLF line ends>", for new/ (B3).
[[nodiscard]] std::string format_message_name(const UniqueName& name, std::uint64_t size, std::uint64_t virtual_size);
[[nodiscard]] std::string add_sizes(std::string_view unique_name, std::uint64_t size, std::uint64_t virtual_size);
// '/', ':', ',', blanks and control bytes as \ooo; a leading '.' too (B2, B4). Empty becomes "localhost".
[[nodiscard]] std::string escape_host(std::string_view host);

struct MessageName {
    std::string_view base;                     // all before ":2,": what stays when flags change
    std::optional<std::uint64_t> size;         // ,S=
    std::optional<std::uint64_t> virtual_size; // ,W=
    std::string_view flags;                    // after ":2,", up to the next ','
};
// Parses any file name; a field that is absent or damaged stays empty. Views into `name`.
[[nodiscard]] MessageName parse_message_name(std::string_view name);

// "Work/Überlegung" -> ".Work.&ANw-berlegung". nullopt: empty, an empty level, a level with '.', control bytes or "~"
// in front, invalid UTF-8, or more than 255 bytes.
[[nodiscard]] std::optional<std::string> folder_directory(std::string_view folder);
// ".Work.&ANw-berlegung" -> "Work/Überlegung". nullopt: no Maildir++ folder name.
[[nodiscard]] std::optional<std::string> folder_from_directory(std::string_view directory);
// Directory of the folder that a `+detail` names, '.' dividing levels as in Dovecot. nullopt: use INBOX (B24).
[[nodiscard]] std::optional<std::string> detail_directory(std::string_view detail);

// RFC 3501 5.1.3. encode: nullopt on invalid UTF-8. decode: nullopt unless `text` is the one right encoding of
// something.
[[nodiscard]] std::optional<std::string> encode_modified_utf7(std::string_view text);
[[nodiscard]] std::optional<std::string> decode_modified_utf7(std::string_view text);

} // namespace mailctl
