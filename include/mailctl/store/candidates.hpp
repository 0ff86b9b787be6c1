// Candidates: names nobody claims that got mail, in state.db. What is counted here bounds what a stranger can make us
// keep: room is reserved in one transaction before a message is written, and given back if it was not. Sender and
// subject are the peer's bytes, cut and otherwise as they came: whoever shows them cleans them.
#pragma once

#include "mailctl/model/site.hpp"
#include "mailctl/routing/lookup.hpp"
#include "mailctl/store/state.hpp"

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
[[nodiscard]] Result<std::vector<Address>> candidates_before(State& state, Instant when); // no mail since
[[nodiscard]] Status forget_candidate(State& state, const Address& name);
// Unless it got mail since.
[[nodiscard]] Status forget_candidate_before(State& state, const Address& name, Instant when);

// A Lookup that knows the candidates too. A site without state.db has recorded none.
class CandidateLookup final : public Lookup {
  public:
    CandidateLookup(const Lookup& configuration, State& state, std::string path)
        : configuration_(configuration), state_(state), path_(std::move(path)) {}
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
    const Lookup& configuration_;
    State& state_;
    std::string path_;
};

} // namespace mailctl
