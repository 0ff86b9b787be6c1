// SPDX-License-Identifier: Apache-2.0
// A book of answers for tests: what is written into it is known, and everything else is denied.
#pragma once

#include "mailctl/exchange/dns/answers.hpp"

namespace mailctl {

struct AnswerBook {
    DnsBook book;

    void answer(const std::string& name, const std::string& type, std::vector<std::string> values,
                const std::string& server = {}) {
        DnsAnswer answer;
        answer.rcode = "NOERROR";
        for (const auto& value : values)
            answer.values.push_back(canonical_value(type, value));
        book.put({name, type, server}, answer);
    }
    void refuse(const std::string& name, const std::string& type) {
        DnsAnswer answer;
        answer.rcode = "SERVFAIL";
        book.put({name, type}, answer);
    }
    // Lets `ask` run until nothing is open; what is open is denied.
    template <class Ask>
    auto settle(Ask ask) {
        for (;;) {
            auto result = ask(book);
            const auto open = book.take_open();
            if (open.empty()) return result;
            for (const auto& question : open) {
                DnsAnswer answer;
                answer.rcode = "NXDOMAIN";
                book.put(question, answer);
            }
        }
    }
};

} // namespace mailctl
