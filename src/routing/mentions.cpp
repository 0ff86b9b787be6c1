// SPDX-License-Identifier: Apache-2.0
// Every address of the model that is not a name of the domain itself.
#include "mailctl/routing/mentions.hpp"

#include "mailctl/routing/lookup.hpp"

#include <algorithm>
#include <optional>
#include <span>

namespace mailctl {

namespace {

class Collector {
  public:
    void add(const std::string& holder, std::span<const Address> addresses) {
        for (const auto& address : addresses)
            found_[address.domain].push_back({address.local.key(), holder});
    }
    void add(const std::string& holder, const std::optional<Address>& address) {
        if (address) add(holder, std::span(&*address, 1));
    }
    void add_text(const std::string& holder, const std::string& text) {
        if (const auto address = Address::parse(text)) add(holder, std::span(&*address, 1));
    }
    void add_domain(const DomainName& name) { found_[name].push_back({}); }
    [[nodiscard]] std::map<DomainName, std::vector<Mention>> take() {
        for (auto& [name, mentions] : found_) {
            std::ranges::sort(mentions);
            mentions.erase(std::unique(mentions.begin(), mentions.end()), mentions.end());
        }
        return std::move(found_);
    }

  private:
    std::map<DomainName, std::vector<Mention>> found_;
};

} // namespace

std::map<DomainName, std::vector<Mention>> mentions_of(const Domain& domain) {
    Collector collector;
    for (const auto& [name, mailbox] : domain.mailboxes) {
        auto names = mailbox.aliases;
        names.push_back(name);
        for (const auto& holder : names) {
            collector.add(holder, mailbox.forward);
            collector.add(holder, mailbox.copy_to);
        }
        collector.add(name, mailbox.recovery);
    }
    for (const auto& [name, forward] : domain.forwards)
        collector.add(name, forward.to);
    for (const auto& [name, robot] : domain.robots)
        collector.add(name, robot.copy_to);
    for (const auto& [name, list] : domain.lists) {
        collector.add(name, list.members);
        const Address postmaster{LocalPart::from_trusted("postmaster"), domain.name};
        collector.add(list_owner_name(name), std::optional(list.owner.value_or(postmaster)));
        collector.add(name, list.post.named);
    }
    collector.add("", domain.unknown.to);
    if (domain.unknown.domain) collector.add_domain(*domain.unknown.domain);
    collector.add_text("", domain.owner);
    return collector.take();
}

} // namespace mailctl
