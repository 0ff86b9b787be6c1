// SPDX-License-Identifier: Apache-2.0
// Candidates: names nobody claims that got mail, in state.db. What is counted here bounds what a stranger can make us
// keep: room is reserved in one transaction before a message is written, and given back if it was not. Sender and
// subject are the peer's bytes, cut and otherwise as they came: whoever shows them cleans them.
#pragma once

#include "mailctl/model/site.hpp"
#include "mailctl/routing/lookup.hpp"
#include "mailctl/store/state.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>

namespace mailctl {

struct CandidateRecord {
    Address name;
    Instant first, last;
    std::uint64_t messages = 0; // held, those being written included
    ByteCount bytes;
    std::string last_sender, last_subject;
};

struct CandidateMail { // a message about to be held
    Address name;
    ByteCount size;
    Instant when;
    std::string sender, subject;
};

// All Errors are the state's, and temporary.
[[nodiscard]] Result<bool> is_candidate(State& state, const DomainName& domain, std::string_view local_key);
// Whether a message of that size would be taken now: for RCPT, changes nothing.
[[nodiscard]] Result<bool> has_room(State& state, const Address& name, ByteCount size, const Site::Candidates& limits);
// Records the message. false: a limit is reached, and nothing was recorded.
[[nodiscard]] Result<bool> reserve_candidate(State& state, const CandidateMail& mail, const Site::Candidates& limits);
// It was not held after all. A candidate that is left with nothing is forgotten.
[[nodiscard]] Status release_candidate(State& state, const Address& name, ByteCount size);

[[nodiscard]] Result<std::vector<CandidateRecord>> candidates_of(State& state, const DomainName& domain); // by name
[[nodiscard]] Result<std::optional<CandidateRecord>> find_candidate(State& state, const Address& name);
[[nodiscard]] Result<std::vector<Address>> candidates_before(State& state, Instant when);        // no mail since
[[nodiscard]] Result<std::vector<CandidateRecord>> quiet_candidates(State& state, Instant when); // the same, whole
[[nodiscard]] Status forget_candidate(State& state, const Address& name);
// What is known of `from` is known of `to`, beside what is already.
[[nodiscard]] Status rename_candidate(State& state, const Address& from, const Address& to);
// So much is held for it, unless it got mail since; nothing: it is forgotten. A delivery that dies between reserving
// and naming leaves the count too high.
[[nodiscard]] Status recount_candidate(State& state, const Address& name, std::uint64_t messages, ByteCount bytes,
                                       Instant quiet_since);
// Unless it got mail since.
[[nodiscard]] Status forget_candidate_before(State& state, const Address& name, Instant when);

// Domains that had candidates when a generation of the directory came to be. A domain that records none gets none as
// long as the generation lasts, so that its unknown names need not be looked up one by one. For many threads.
class CandidateDomains {
  public:
    // Errors are the state's; then the next caller asks again.
    [[nodiscard]] Result<bool> contains(State& state, std::uint64_t generation, const DomainName& domain);

  private:
    using Steady = std::chrono::steady_clock;
    std::mutex mutex_;
    std::optional<std::uint64_t> generation_; // of what follows
    Steady::time_point since_;
    std::set<std::string> domains_;
};

// A Lookup that knows the candidates too. A site without state.db has recorded none.
class CandidateLookup final : public Lookup {
  public:
    CandidateLookup(const Lookup& configuration, State& state, std::string path)
        : configuration_(configuration), state_(state), path_(std::move(path)) {}
    // For whoever looks up many names: `configuration` is of that generation.
    CandidateLookup(const Lookup& configuration, State& state, std::string path, CandidateDomains& domains,
                    std::uint64_t generation)
        : configuration_(configuration), state_(state), path_(std::move(path)), domains_(&domains),
          generation_(generation) {}
    Result<std::optional<DomainEntry>> find_domain(const DomainName& name) const override {
        return configuration_.find_domain(name);
    }
    Result<std::optional<NameEntry>> find_name(const DomainName& domain, std::string_view local_key) const override {
        return configuration_.find_name(domain, local_key);
    }
    Result<std::optional<BanAnswer>> find_banished(const DomainName& domain,
                                                   std::string_view local_key) const override {
        return configuration_.find_banished(domain, local_key);
    }
    Result<std::optional<ResponderEntry>> find_responder(const DomainName& domain,
                                                         std::string_view local_key) const override {
        return configuration_.find_responder(domain, local_key);
    }
    Result<bool> is_candidate(const DomainName& domain, std::string_view local_key) const override;

  private:
    [[nodiscard]] Result<bool> ask(const DomainName& domain, std::string_view local_key) const;

    const Lookup& configuration_;
    State& state_;
    std::string path_;
    CandidateDomains* domains_ = nullptr;
    std::uint64_t generation_ = 0;
};

} // namespace mailctl
