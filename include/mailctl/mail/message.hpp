// SPDX-License-Identifier: Apache-2.0
// The header section of a message in stored form (LF line ends), and the trace headers we put in front. Never needs
// MIME, never changes a byte of what came; reads at most the first 10 MB, in linear time, at any length of line
// (delivery C5, C11).
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/model/address.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

inline constexpr std::size_t max_header_section = 10'000'000; // bytes looked at

struct HeaderField {
    std::string_view text;  // all of its lines with their line ends
    std::string_view name;  // without the colon and blanks before it
    std::string_view value; // as written, folded, without the last line end
};

// A view into the text it was scanned from. Holds no list of fields: a hostile header of millions of them costs no
// memory.
class HeaderSection {
  public:
    // `message`: the beginning of the message, at least the header section. Lines that are no field are passed over,
    // the section ends at the first empty line. Text whose first line is no field has no header section (an mbox "From
    // " line or its escaped form may precede the first field).
    static HeaderSection scan(std::string_view message);

    [[nodiscard]] bool present() const { return present_; }
    [[nodiscard]] std::string_view text() const { return text_; } // up to the empty line; empty when not present
    [[nodiscard]] std::size_t size() const { return text_.size(); }
    // Calls `visit` for each field, from the top.
    void for_each(const std::function<void(const HeaderField&)>& visit) const;
    // Unfolded and trimmed values in order of appearance; the name is compared without regard to case.
    [[nodiscard]] std::vector<std::string> find_all(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const; // the first
    [[nodiscard]] std::size_t count(std::string_view name) const;

  private:
    bool present_ = false;
    std::string_view text_;
};

// RFC 5322 2.2.3: line breaks removed, blanks at both ends trimmed.
[[nodiscard]] std::string unfold(std::string_view value);

// True when the message was delivered to this address before: a Delivered-To names it, in any case. The loop test (C5).
[[nodiscard]] bool was_delivered_to(const HeaderSection& header, const Address& address);
[[nodiscard]] std::size_t count_hops(const HeaderSection& header); // Received lines

struct ReceivedLine {
    std::string client_name; // LHLO argument; "" leaves the from clause out (pipe)
    std::string peer;        // IP address of the client; "" = a local socket
    DomainName host = DomainName::from_trusted("localhost");
    std::string protocol;             // "LMTP", "UTF8LMTP" (RFC 6531 4.3); "" leaves the with clause out
    std::string id;                   // ours, unique
    std::optional<Address> recipient; // set it only when the message has a single one
    Instant when;
};

struct Trace {                              // what is left out is not written; order as below (C1)
    std::optional<Sender> return_path;      // the outer nullopt: no Return-Path (forwards); the inner: "<>"
    std::optional<std::string> original_to; // address as first asked
    std::optional<Address> delivered_to;
    std::optional<ReceivedLine> received;
};

// Header lines in LF form, folded below 998 bytes; text from the peer cannot break out of its place.
[[nodiscard]] std::string compose_trace(const Trace& trace);
// What goes in front of the stored message: the trace and, where `header` is not present, the empty line that keeps the
// first body line from becoming a header (C10).
[[nodiscard]] std::string compose_prefix(const Trace& trace, const HeaderSection& header);

// The header section without its Return-Path fields: a forwarded message must not carry one (C2). Every other byte as
// it was.
[[nodiscard]] std::string without_return_path(const HeaderSection& header);

} // namespace mailctl
