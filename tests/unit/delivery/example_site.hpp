// SPDX-License-Identifier: Apache-2.0
// A site below a directory of its own, compiled by hand, with an MTA that only remembers.
#pragma once

#include "mailctl/delivery/agent.hpp"

#include "../maildir/maildirs.hpp"

#include <cstdint>
#include <functional>
#include <mutex>

namespace mailctl::test {

struct Handed { // what the MTA was given
    std::string sender;
    std::vector<std::string> targets;
    std::string text;
};

class FakeMailer final : public Mailer {
  public:
    // What to answer; by default all is accepted.
    std::function<Result<std::vector<Refusal>>(const Submission&)> answer;
    std::vector<Handed> handed; // everything asked for, accepted or not

    Result<std::vector<Refusal>> submit(const Submission& submission, const SubmittedMessage& message) override {
        const std::lock_guard lock(mutex_);
        Handed one{sender_text(submission.sender), {}, std::string(message.head)};
        for (const auto& target : submission.targets)
            one.targets.push_back(target.text());
        TRY(read_content(message.content, message.offset, [&](std::string_view piece) -> Status {
            one.text += piece;
            return {};
        }));
        handed.push_back(std::move(one));
        if (answer) return answer(submission);
        return std::vector<Refusal>{};
    }

  private:
    std::mutex mutex_;
};

inline LocalDelivery local(std::string_view mailbox, std::uint64_t quota = 0, std::string folder = {}) {
    return {.mailbox = address(mailbox), .folder = std::move(folder), .quota = ByteCount{quota}};
}
inline ForwardDelivery forward(std::string_view to, std::string_view by) {
    return {.to = address(to), .by = address(by)};
}
inline EnvelopeRecipient recipient(std::string_view asked, Outcome outcome) {
    return {Plan{.recipient = address(asked), .resolved = address(asked), .walk = {}, .outcome = std::move(outcome)},
            {}};
}

// Maildirs, journal and MTA for deliver().
struct DeliverySite {
    MailRoot root;
    FakeMailer mailer;
    MailboxGate gate;
    Journal journal{"", root / "journal"};
    State state = State::of_administrator(paths_below(root.path()), std::nullopt);
    DeliverySettings settings;
    Envelope envelope;
    std::function<bool()> is_current = [] { return true; };
    DeliverySite() {
        settings.hostname = DomainName::from_trusted("mx.example");
        settings.mail_root = root / "mail";
        std::filesystem::create_directory(settings.mail_root);
        envelope.id = "ID-1";
        envelope.sender = address("a@far.example");
        envelope.client_name = "client.example";
        envelope.protocol = "LMTP";
    }
    // The codes of the replies, "250 2.0.0".
    std::vector<std::string> send(std::string_view text) {
        auto content = root.content(text);
        std::vector<std::string> codes;
        for (const auto& reply :
             deliver(envelope, content, noon, settings, {mailer, journal, gate, state, {}, is_current}))
            codes.push_back(std::to_string(reply.code) + " " + reply.enhanced);
        return codes;
    }
    [[nodiscard]] std::string maildir(const std::string& mailbox) const {
        return settings.mail_root + "/one.example/" + mailbox;
    }
    [[nodiscard]] std::vector<std::string> inbox(const std::string& mailbox) const {
        return messages_in(maildir(mailbox));
    }
    [[nodiscard]] std::string journal_text() const { return content_of(root / "journal"); }
};

// A whole agent: directory compiled from `domains`, everything below one directory.
struct AgentSite {
    TempDirectory root;
    Paths paths = paths_below(root.path());
    Site site;
    std::uint64_t generation = 0;
    std::optional<Directory> compiled;
    AgentSite() {
        site.hostname = DomainName::from_trusted("mx.example");
        for (const auto& directory : {paths.lib, paths.mail, paths.run, root / "etc"})
            std::filesystem::create_directories(directory);
        write_file(paths.srs_secret, "a secret\n");
    }
    void compile(const std::vector<Domain>& domains) {
        std::vector<DomainChange> changes;
        for (const auto& domain : domains)
            changes.push_back({domain.name, domain, {}});
        // Stays open: one process can't write a directory that it has opened for reading first.
        if (!compiled) compiled.emplace(Directory::open_for_update(paths.directory).value());
        if (!compiled->update(site, changes, ++generation)) throw std::runtime_error("update");
    }
    [[nodiscard]] static Domain one_example() {
        Domain domain(DomainName::from_trusted("one.example"));
        domain.mailboxes["paul"].aliases = {"macca"};
        domain.mailboxes["ringo"].quota = ByteCount{1000};
        domain.forwards["all"].to = {address("paul@one.example"), address("ringo@one.example")};
        domain.banished = {{"spam", BanAnswer::discard}, {"bad", BanAnswer::reject}};
        return domain;
    }
    [[nodiscard]] std::vector<std::string> inbox(const std::string& mailbox) const {
        return messages_in(paths.mail + "/one.example/" + mailbox);
    }
};

} // namespace mailctl::test
