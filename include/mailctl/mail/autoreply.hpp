// SPDX-License-Identifier: Apache-2.0
// Whether a machine may answer a message (RFC 3834 section 2, RFC 5230 section 4; delivery E1 to E14). In doubt it
// does not: a reply that is missing costs less than one that goes to a list, to a forged sender or to another machine.
// Whom was answered when is remembered elsewhere (store/answers).
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/mail/message.hpp"
#include "mailctl/model/real_sender.hpp"

#include <functional>
#include <optional>
#include <string>

namespace mailctl {

// Whether an address is one of those that answers: itself, its aliases, in every name of its domain.
using IsOwnAddress = std::function<bool(const Address&)>;

struct AnswerQuestion {
    const Sender& sender; // of the envelope
    const HeaderSection& header;
    const IsOwnAddress& is_own;
    std::optional<Date> start, end; // of the answering, both inclusive
    Date today{};                   // in the site's time zone
};

// Why it is not answered, in words for the journal; absent: nothing speaks against it.
[[nodiscard]] std::optional<std::string> object_to_answer(const AnswerQuestion& question);
// What can be said from the sender alone: null, a machine's name, one of our own, a domain that is nowhere.
[[nodiscard]] std::optional<std::string> object_to_sender(const Sender& sender, const IsOwnAddress& is_own);
[[nodiscard]] std::optional<std::string> object_to_date(std::optional<Date> start, std::optional<Date> end, Date today);
// Whether a person is to be told that a part of his mail failed: not for the null sender, a machine's name, or mail
// with a sign of a list, of bulk mail or of another machine.
[[nodiscard]] bool is_from_person(const Sender& sender, const HeaderSection& header);

} // namespace mailctl
