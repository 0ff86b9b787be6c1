// SPDX-License-Identifier: Apache-2.0
// One notion of the same sender: who may post to a list, who was answered before and what comes from an address itself
// are all asked of the sender behind the forms that mail systems give him on the way.
#pragma once

#include "mailctl/model/address.hpp"

#include <string>

namespace mailctl {

// SRS0, SRS1 and BATV (prvs, msprvs1, btv1) taken back, whoever made them: nothing here is proven, as nothing is of an
// envelope sender. What cannot be taken back stays.
[[nodiscard]] Address real_sender(const Address& sender);

// One key for all forms of one sender: real_sender(), without "+detail", folded. For comparing and remembering only: a
// reply goes to the sender as he stands in the envelope.
[[nodiscard]] std::string sender_key(const Address& sender);

} // namespace mailctl
