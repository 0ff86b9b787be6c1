// SPDX-License-Identifier: Apache-2.0
// From bytes to values.
#include "dns_source.hpp"

#include "mailctl/exchange/dns/wire.hpp"

#include <algorithm>
#include <map>

namespace mailctl {
namespace {

class FileSource : public DnsSource {
  public:
    explicit FileSource(DnsAnswers answers) : answers_(std::move(answers)) {}
    void ask(std::uint64_t ticket, const DnsQuestion& question) override {
        const auto found = answers_.find(question);
        taken_.emplace_back(ticket, found == answers_.end() ? absent() : found->second);
    }
    std::vector<std::pair<std::uint64_t, DnsAnswer>> take() override { return std::exchange(taken_, {}); }

  private:
    static DnsAnswer absent() {
        DnsAnswer answer;
        answer.trouble = "it is not among the answers of the file";
        return answer;
    }
    DnsAnswers answers_;
    std::vector<std::pair<std::uint64_t, DnsAnswer>> taken_;
};

DnsAnswer answer_of_wire(const DnsQuestion& question, const WireAnswer& wire) {
    DnsAnswer answer;
    if (wire.rcode >= 0) answer.rcode = dns_rcode_word(wire.rcode);
    answer.secure = wire.secure;
    answer.bogus = wire.bogus;
    answer.ttl = wire.ttl;
    answer.trouble = wire.trouble;
    if (answer.trouble.empty() && !answer.is_known()) answer.trouble = "the resolver says " + answer.rcode;
    for (const auto& data : wire.data)
        if (auto value = value_of_rdata(question.type, data); !value.empty()) answer.values.push_back(std::move(value));
    std::ranges::sort(answer.values);
    answer.signed_until = first_signature_end(wire.message);
    return answer;
}

class NetSource : public DnsSource {
  public:
    explicit NetSource(DnsResolver resolver) : resolver_(std::move(resolver)) {}
    void ask(std::uint64_t ticket, const DnsQuestion& question) override {
        asked_.emplace(ticket, question);
        resolver_.ask(ticket, question.name + '.', *dns_type_number(question.type), question.server);
    }
    std::vector<std::pair<std::uint64_t, DnsAnswer>> take() override {
        std::vector<std::pair<std::uint64_t, DnsAnswer>> answers;
        for (const auto& wire : resolver_.take()) {
            const auto question = asked_.extract(wire.ticket);
            answers.emplace_back(wire.ticket, answer_of_wire(question.mapped(), wire));
        }
        return answers;
    }

  private:
    DnsResolver resolver_;
    std::map<std::uint64_t, DnsQuestion> asked_;
};

} // namespace

std::unique_ptr<DnsSource> source_of_file(DnsAnswers answers) {
    return std::make_unique<FileSource>(std::move(answers));
}

Result<std::unique_ptr<DnsSource>> source_of_net(const DnsResolverSettings& settings) {
    TRY_ASSIGN(auto resolver, DnsResolver::open(settings));
    return std::unique_ptr<DnsSource>(std::make_unique<NetSource>(std::move(resolver)));
}

} // namespace mailctl
