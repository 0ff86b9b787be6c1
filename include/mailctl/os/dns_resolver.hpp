// SPDX-License-Identifier: Apache-2.0
// Asking the DNS, through libunbound: validating, many questions at once, each with a deadline of its own. The only
// file that includes unbound.h. What comes back is bytes of anybody (exchange/dns/wire).
#pragma once

#include "mailctl/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mailctl {

struct DnsResolverSettings {
    std::vector<std::string> resolvers;      // "IP:PORT", asked in place of those of /etc/resolv.conf
    std::string trust_anchor;                // file; "" = nothing is validated
    std::chrono::milliseconds timeout{8000}; // of one question
    std::size_t most_in_flight = 128;
};

struct WireAnswer {
    std::uint64_t ticket = 0;
    int rcode = -1; // -1: nobody answered in time, or it could not be asked
    bool secure = false, bogus = false;
    std::string trouble;           // why there is no answer, or why it is bogus
    std::vector<std::string> data; // of the records, names uncompressed
    unsigned ttl = 0;
    std::string message; // the whole answer
};

class DnsResolver {
  public:
    // failed: libunbound refuses the settings, or the trust anchor cannot be read.
    static Result<DnsResolver> open(const DnsResolverSettings& settings);
    // `server`: "IP:PORT", which is asked alone and not validated; "" = the resolver. More than may be in flight wait
    // here.
    void ask(std::uint64_t ticket, const std::string& name, std::uint16_t type, const std::string& server = {});
    // Waits until an answer is there, and takes all there are. Empty: nothing was asked. Never longer than a timeout.
    [[nodiscard]] std::vector<WireAnswer> take();
    [[nodiscard]] std::size_t pending() const; // asked and not answered

    DnsResolver(DnsResolver&&) noexcept;
    DnsResolver& operator=(DnsResolver&&) noexcept;
    ~DnsResolver();

  private:
    struct Impl;
    explicit DnsResolver(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The root's key where Debian has it; "" = there is none.
[[nodiscard]] std::string find_root_anchor();

} // namespace mailctl
