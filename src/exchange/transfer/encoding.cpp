// SPDX-License-Identifier: Apache-2.0
// iconv(3) is used as a pure function: its tables come from the C library and its answer depends on nothing else.
#include "mailctl/exchange/transfer/encoding.hpp"

#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>

namespace mailctl {
namespace {

struct Mark {
    std::string_view bytes, encoding;
};
constexpr std::array marks{Mark{{"\xff\xfe\0\0", 4}, "UTF-32LE"}, Mark{{"\0\0\xfe\xff", 4}, "UTF-32BE"},
                           Mark{"\xef\xbb\xbf", "UTF-8"}, Mark{"\xff\xfe", "UTF-16LE"}, Mark{"\xfe\xff", "UTF-16BE"}};

class Converter {
  public:
    explicit Converter(const std::string& encoding) : handle_(::iconv_open("UTF-8", encoding.c_str())) {}
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter() {
        if (is_open()) ::iconv_close(handle_);
    }
    [[nodiscard]] bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
    // False: what is left of `in` is not of the encoding.
    [[nodiscard]] bool convert(std::string_view& in, std::string& out) {
        std::array<char, 1 << 16> buffer{};
        while (!in.empty()) {
            char* from = const_cast<char*>(in.data()); // iconv(3) is declared without const
            std::size_t left = in.size();
            char* to = buffer.data();
            std::size_t room = buffer.size();
            const auto done = ::iconv(handle_, &from, &left, &to, &room);
            const int problem = done == static_cast<std::size_t>(-1) ? errno : 0;
            out.append(buffer.data(), buffer.size() - room);
            in.remove_prefix(in.size() - left);
            if (problem != 0 && problem != E2BIG) return false;
        }
        return true;
    }

  private:
    iconv_t handle_;
};

std::size_t line_of(std::string_view text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1; }

// ASCII in UTF-16 has a NUL in every second byte, which no other text has.
std::string_view guess(std::string_view bytes) {
    const auto head = bytes.substr(0, 4096);
    std::array<std::size_t, 2> nuls{};
    for (std::size_t i = 0; i < head.size(); ++i)
        if (head[i] == '\0') ++nuls[i % 2];
    const std::size_t pairs = head.size() / 2;
    if (pairs == 0) return "UTF-8";
    if (nuls[1] * 10 > pairs * 7 && nuls[0] * 10 < pairs) return "UTF-16LE";
    if (nuls[0] * 10 > pairs * 7 && nuls[1] * 10 < pairs) return "UTF-16BE";
    return "UTF-8";
}

// A spreadsheet's own file, an archive or a picture has bytes that no text begins with.
bool is_binary(std::string_view bytes) {
    return std::ranges::any_of(bytes.substr(0, 1024), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    });
}

Result<std::string> check_utf8(std::string text) {
    if (is_utf8(text)) return text;
    if (is_binary(text)) return fail(ErrorKind::invalid, "it is no text", "save it as CSV first");
    std::size_t at = 0;
    while (const auto point = code_point_at(text, at))
        at += point->length;
    return fail(ErrorKind::invalid,
                fmt::format("line {}: byte 0x{:02x} is not UTF-8", line_of(std::string_view(text).substr(0, at)),
                            static_cast<unsigned>(static_cast<unsigned char>(text[at]))),
                "say how the file is encoded, as --encoding windows-1252 or --encoding iso-8859-2");
}

Result<std::string> convert(std::string_view bytes, const std::string& encoding) {
    Converter converter(encoding);
    if (!converter.is_open())
        return fail(ErrorKind::usage, fmt::format("unknown encoding '{}'", printable(encoding)),
                    "'iconv -l' lists them; the usual ones are utf-8, utf-16, windows-1252 and iso-8859-1");
    std::string text;
    if (!converter.convert(bytes, text))
        return fail(ErrorKind::invalid, fmt::format("line {}: the bytes are not {}", line_of(text), encoding),
                    "name another encoding with --encoding, or mend the file");
    return text;
}

bool is_named_utf8(std::string_view encoding) {
    return equal_folded(encoding, "utf-8") || equal_folded(encoding, "utf8");
}

} // namespace

Result<std::string> decode_text(std::string bytes, std::string_view encoding) {
    for (const auto& mark : marks) {
        if (!bytes.starts_with(mark.bytes)) continue;
        if (!encoding.empty() && !fold(mark.encoding).starts_with(fold(encoding))) break;
        bytes.erase(0, mark.bytes.size());
        if (mark.encoding == "UTF-8") return check_utf8(std::move(bytes));
        return convert(bytes, std::string(mark.encoding));
    }
    const auto wanted = encoding.empty() ? guess(bytes) : encoding;
    if (is_named_utf8(wanted)) return check_utf8(std::move(bytes));
    return convert(bytes, std::string(wanted));
}

} // namespace mailctl
