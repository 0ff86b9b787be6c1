// SPDX-License-Identifier: Apache-2.0
// The folders of a Maildir that mail programs show: a line each in its file 'subscriptions', as Dovecot reads it. In
// files that begin with "V\t2" a tab stands between the levels of a folder, in older ones a dot.
#pragma once

#include "mailctl/maildir/maildir.hpp"

#include <vector>

namespace mailctl {

// `folders`: their directories, as ".Ann.Sent". Those that have a line already get none; what else stands there stays.
[[nodiscard]] Status subscribe(const MailStore& store, const Maildir& mailbox, const std::vector<std::string>& folders);

} // namespace mailctl
