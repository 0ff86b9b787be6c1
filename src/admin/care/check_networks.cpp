// SPDX-License-Identifier: Apache-2.0
#include "check_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>

namespace mailctl {
namespace {

// "1.2.3" of "1.2.3/8": Postfix takes the rest for zeroes, as inet_pton(3) doesn't.
std::string with_four_numbers(std::string address) {
    for (auto dots = std::ranges::count(address, '.'); dots < 3; ++dots)
        address += ".0";
    return address;
}

// Others' hosts lie in public networks; a host of one's own is one address, or a few.
std::optional<Weight> weight_of_public(const Network& network) {
    if (network.bits == 0) return Weight::error;
    if (network.is_private()) return std::nullopt;
    const unsigned many = network.is_v6 ? 47 : 24, few = network.is_v6 ? 64 : 29;
    if (network.bits <= many) return Weight::error;
    return network.bits < few ? std::optional(Weight::warning) : std::nullopt;
}

// Docker's own networks: with its userland proxy every client of the world seems to come from the gateway in them.
bool is_usual_container_network(std::string_view word) {
    return word.starts_with("172.17.") || word.starts_with("172.18.") || word.starts_with("172.16.0.0/") ||
           word.starts_with("10.88.0.");
}

} // namespace

bool Network::contains(const Network& other) const {
    if (is_v6 != other.is_v6 || bits > other.bits) return false;
    constexpr unsigned byte = 8;
    for (unsigned bit = 0; bit < bits; ++bit) {
        const unsigned mask = 0x80U >> (bit % byte);
        if ((address[bit / byte] & mask) != (other.address[bit / byte] & mask)) return false;
    }
    return true;
}

bool Network::is_private() const {
    static const auto known = [] {
        std::vector<Network> networks;
        for (const auto* word : {"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
                                 "100.64.0.0/10", "::1/128", "fe80::/10", "fc00::/7"})
            networks.push_back(*parse_network(word));
        return networks;
    }();
    return std::ranges::any_of(known, [this](const Network& each) { return each.contains(*this); });
}

std::optional<Network> parse_network(std::string_view word) {
    const auto slash = word.rfind('/');
    std::string address(word.substr(0, slash));
    std::erase_if(address, [](char c) { return c == '[' || c == ']'; });
    Network network;
    network.is_v6 = address.find(':') != address.npos;
    if (!network.is_v6) address = with_four_numbers(std::move(address));
    if (::inet_pton(network.is_v6 ? AF_INET6 : AF_INET, address.c_str(), network.address.data()) != 1)
        return std::nullopt;
    const unsigned all = network.is_v6 ? 128 : 32;
    const auto bits = slash == word.npos ? std::optional<std::uint64_t>(all) : whole_number(word.substr(slash + 1));
    if (!bits || *bits > all) return std::nullopt;
    network.bits = static_cast<unsigned>(*bits);
    return network;
}

void open_networks(const SiteFacts& facts, Sayings& say) {
    for (const auto& word : list_words(postfix_setting(facts, "mynetworks"))) {
        const auto network = parse_network(word);
        if (!network) continue;
        const auto weight = weight_of_public(*network);
        if (!weight) continue;
        say("mynetworks",
            network->bits == 0 ? fmt::format("'{}' in mynetworks lets everybody relay", word)
                               : fmt::format("'{}' in mynetworks is public: whoever has a host there may relay", word),
            {}, weight);
    }
}

void container_networks(const SiteFacts& facts, Sayings& say) {
    const auto words = list_words(postfix_setting(facts, "mynetworks"));
    for (const auto& word : words) {
        const auto network = parse_network(word);
        if (!network || network->bits == 0) continue;
        const auto gateway = std::ranges::find_if(facts.container_gateways, [&](const std::string& address) {
            const auto host = parse_network(address);
            const bool is_left_out = std::ranges::find(words, "!" + address) != words.end();
            return host && network->contains(*host) && !is_left_out;
        });
        if (gateway != facts.container_gateways.end())
            say("mynetworks",
                fmt::format("'{}' in mynetworks has '{}', the gateway of containers, as which others may come", word,
                            *gateway));
        else if (is_usual_container_network(word))
            say("mynetworks",
                fmt::format("'{}' in mynetworks has the gateway of containers in it, as which others may come", word));
    }
}

} // namespace mailctl
