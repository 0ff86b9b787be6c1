// deliver: carries out what was decided for a message, in the order that loses nothing (SPEC 4, "Order of commit"):
// stage local copies, hand over forwards, publish local copies, answer, write the journal. Each recipient has its own
// answer; an Error is never a bounce, only a computed decision is.
#pragma once

#include "mailctl/delivery/envelope.hpp"
#include "mailctl/delivery/mailbox_gate.hpp"
#include "mailctl/mail/srs.hpp"
#include "mailctl/system/journal.hpp"
#include "mailctl/system/maildir.hpp"
#include "mailctl/system/mailer.hpp"

namespace mailctl {

struct DeliverySettings {
    DomainName hostname = DomainName::from_trusted("localhost");
    std::string mail_root;
    std::optional<MailOwner> owner;
    bool single_instance = true;
    OverQuotaAnswer over_quota = OverQuotaAnswer::reject;
    unsigned max_hops = 100;
    bool rewrite_senders = true;
    Result<SrsKeys> srs_keys = SrsKeys{DomainName::from_trusted("localhost"), {}}; // an Error makes forwards wait
};
struct DeliveryServices { // what deliver() acts through; all may be used by many threads at once
    Mailer& mailer;
    Journal& journal;
    MailboxGate& gate;
};

// One reply per recipient, in their order. Never throws.
//
// 4xx where the copies of a recipient could not all be made durable or a forward of it not be handed over; staged
// copies that only such recipients wanted are discarded. What has been handed over or published by then stays: trying
// again may make a second copy of that, never lose one. A forward that the next hop refuses for good is the recipient's
// refusal (550) if it was all there was to deliver and the address is bad (5.1.x); where something else was accepted
// the sender gets a bounce notice.
[[nodiscard]] std::vector<LmtpReply> deliver(const Envelope& envelope, MessageContent& content, Instant when,
                                             const DeliverySettings& settings, const DeliveryServices& services);

// "451 4.2.0 ..." for a failure in the mail store: ENOSPC 452 4.3.0, EDQUOT and EFBIG 452 4.2.2 (delivery.md B12).
[[nodiscard]] LmtpReply reply_to_store_error(const Error& error);
[[nodiscard]] LmtpReply over_quota_reply(OverQuotaAnswer answer);
[[nodiscard]] Verdict deferred(LmtpReply reply, std::string why);

} // namespace mailctl
