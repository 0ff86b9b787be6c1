// SPDX-License-Identifier: Apache-2.0
// What Postfix is told at RCPT, before it takes a message that the agent would refuse: the answer that LMTP would give
// to the same recipient. Silent where nobody can tell now, where the recipient is not ours, and about names that
// nobody has in a domain that refuses them: Postfix's own maps say that, and they also know names of other maps.
#pragma once

#include "mailctl/delivery/agent.hpp"

#include <string>
#include <string_view>

namespace mailctl {

// `question` and the answer in the form of mail/policy_request.hpp.
[[nodiscard]] std::string answer_policy(Agent& agent, std::string_view question);

} // namespace mailctl
