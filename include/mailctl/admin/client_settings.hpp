// SPDX-License-Identifier: Apache-2.0
// `mailctl mailbox settings`: what the user of a mailbox needs to set up a mail program, shown or mailed. Reads only;
// what is mailed goes to the recovery address, because the mailbox itself cannot be read yet.
#pragma once

#include "mailctl/model/address.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

enum class SettingsFormat { text, html, json, autoconfig, autodiscover, mobileconfig };

// An alias stands for its mailbox. usage: several addresses in a form that holds one.
[[nodiscard]] Result<Report> show_client_settings(const World& world, std::span<const Address> addresses,
                                                  SettingsFormat format);
// As text with the sheet beside it; a form for programs is attached. conflict: a mailbox without a recovery address,
// and nothing is mailed. temporary: the MTA did not take it; failed: it refused the address.
[[nodiscard]] Result<Report> mail_client_settings(const World& world, std::span<const Address> addresses,
                                                  SettingsFormat format);

// A mailbox that was just made, with the password that was made for it.
struct NewAccount {
    Address address;
    std::string password; // "": there is none to tell
};
// What its user needs, the password among it, as text.
[[nodiscard]] Result<std::string> account_sheets(const World& world, std::span<const NewAccount> accounts);
// The same, to the recovery address of each. Errors as mail_client_settings.
[[nodiscard]] Result<Report> mail_account_sheets(const World& world, std::span<const NewAccount> accounts);

} // namespace mailctl
