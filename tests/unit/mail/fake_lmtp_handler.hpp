// SPDX-License-Identifier: Apache-2.0
// A handler whose answers follow from the name asked for, and which remembers what it was told.
#pragma once

#include "mailctl/mail/lmtp_session.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace mailctl {

struct SavedMessage {
    std::string sender;
    std::vector<std::string> recipients;
    std::string content;
    bool operator==(const SavedMessage&) const = default;
};

class FakeLmtpHandler : public LmtpHandler {
  public:
    enum class Throws { never, mail, rcpt, begin, data, finish, reset };

    std::vector<SavedMessage> saved;
    std::vector<MailCommand> mails;
    std::vector<RcptCommand> rcpts;
    std::size_t pieces = 0, largest_piece = 0;
    int open = 0;    // accepted mail() minus reset()
    int refused = 0; // data_refused()
    std::size_t replies_too_many = 0;
    Throws throws = Throws::never;

    LmtpReply mail(const MailCommand& command) override {
        fail_at(Throws::mail);
        mails.push_back(command);
        if (command.sender && command.sender->local.text() == "refused") return {550, "5.7.1", "not from you"};
        ++open;
        current_ = {sender_text(command.sender), {}, {}};
        return {250, "2.1.0", "ok"};
    }
    LmtpReply rcpt(const RcptCommand& command) override {
        fail_at(Throws::rcpt);
        rcpts.push_back(command);
        const std::string name = command.recipient.local.key();
        if (name == "unknown") return {550, "5.1.1", "no such user"};
        if (name == "temp") return {451, "4.3.5", "try later"};
        if (name == "full") return {552, "5.2.2", "over quota"};
        current_.recipients.push_back(command.recipient.text());
        return {250, "2.1.5", "ok"};
    }
    void begin_data() override { fail_at(Throws::begin); }
    void data(std::string_view chunk) override {
        fail_at(Throws::data);
        ++pieces;
        largest_piece = std::max(largest_piece, chunk.size());
        current_.content += chunk;
    }
    std::vector<LmtpReply> finish() override {
        fail_at(Throws::finish);
        saved.push_back(current_);
        return std::vector(current_.recipients.size() + replies_too_many, LmtpReply{250, "2.0.0", "saved"});
    }
    void data_refused() override { ++refused; }
    void reset() override {
        --open;
        current_ = {};
        fail_at(Throws::reset);
    }

  private:
    void fail_at(Throws place) const {
        if (throws == place) throw std::runtime_error("as asked");
    }
    SavedMessage current_;
};

} // namespace mailctl
