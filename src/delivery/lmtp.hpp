// SPDX-License-Identifier: Apache-2.0
// The LMTP side of the agent: what MAIL, RCPT and the end of the data mean for one connection. RCPT resolves and looks
// at the quota, and changes nothing (specification 4); everything else happens at the end of the data.
#pragma once

#include "mailctl/delivery/agent.hpp"
#include "mailctl/mail/lmtp_session.hpp"
#include "mailctl/mail/mbox_line.hpp"

#include <cstdint>

namespace mailctl {

class LmtpDelivery final : public LmtpHandler {
  public:
    // `peer`: IP address of the client, "" on a Unix socket. `agent` outlives it.
    LmtpDelivery(Agent& agent, std::string peer) : agent_(agent), peer_(std::move(peer)) {}
    LmtpDelivery(const LmtpDelivery&) = delete;
    LmtpDelivery& operator=(const LmtpDelivery&) = delete;
    ~LmtpDelivery() override;
    LmtpReply mail(const MailCommand& command) override;
    LmtpReply rcpt(const RcptCommand& command) override;
    void begin_data() override;
    void data(std::string_view chunk) override;
    std::vector<LmtpReply> finish() override;
    void data_refused() override;
    void reset() override;

  private:
    LmtpReply answer_to(const RcptCommand& command);
    void count_bans();

    Agent& agent_;
    std::string peer_;
    Envelope envelope_;
    std::optional<ByteCount> declared_size_;
    std::uint64_t resolved_at_ = 0; // generation of the directory; 0: recipients differ in it
    std::optional<MessageContent> content_;
    std::optional<MboxLineRemover> message_; // on its way into content_
    std::vector<BanHit> banned_; // what this transaction asked for and did not get: counted if its message comes
    bool has_counted_ = false;
};

} // namespace mailctl
