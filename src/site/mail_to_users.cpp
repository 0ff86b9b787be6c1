// SPDX-License-Identifier: Apache-2.0
// One message, one recipient, one submission.
#include "mailctl/site/mail_to_users.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/digest.hpp"
#include "mailctl/os/mailer.hpp"

#include <fmt/format.h>

namespace mailctl {

Status send_message(const SiteView& view, const NewMessage& message) {
    const auto mailer = make_mailer(view.site().submit, view.site().hostname, view.paths().lib);
    const Address& target = message.to.front().address;
    const std::string head = compose_message(message);
    const MessageContent nothing_more("");
    const Submission submission{
        message.from.address, {target}, false, !target.is_ascii() || !message.from.address.is_ascii()};
    TRY_ASSIGN(const auto refused, mailer->submit(submission, {head, nothing_more, 0}));
    if (refused.empty()) return {};
    return fail(ErrorKind::failed, fmt::format("the mail server refused '{}': {} {}", printable(target.display()),
                                               refused.front().code, printable(refused.front().text)));
}

NewMessage make_notice(const World& world, const SiteView& view, const DomainName& domain, NamedAddress to,
                       std::string_view topic) {
    const Instant now = world.clock();
    std::string id = fmt::format("{}-{}-{}", topic, now.time_since_epoch().count(),
                                 digest(to.address.key() + std::string(topic)).substr(0, 16));
    return {.from = {"", Address{LocalPart::from_trusted("postmaster"), domain}},
            .to = {std::move(to)},
            .subject = {},
            .when = now,
            .id = std::move(id),
            .host = view.site().hostname,
            .fields = {{"Auto-Submitted", "auto-generated"}},
            .text = {},
            .html = {},
            .attachments = {}};
}

} // namespace mailctl
