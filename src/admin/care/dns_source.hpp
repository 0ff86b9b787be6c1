// SPDX-License-Identifier: Apache-2.0
// Where answers come from: the net, or a file in its place.
#pragma once

#include "mailctl/exchange/dns/answers.hpp"
#include "mailctl/os/dns_resolver.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace mailctl {

class DnsSource {
  public:
    virtual ~DnsSource() = default;
    virtual void ask(std::uint64_t ticket, const DnsQuestion& question) = 0;
    // Those that have come in; waits for one. Empty: nothing was asked that is not answered.
    [[nodiscard]] virtual std::vector<std::pair<std::uint64_t, DnsAnswer>> take() = 0;
};

[[nodiscard]] std::unique_ptr<DnsSource> source_of_file(DnsAnswers answers);
[[nodiscard]] Result<std::unique_ptr<DnsSource>> source_of_net(const DnsResolverSettings& settings);

} // namespace mailctl
