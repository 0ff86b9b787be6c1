// SPDX-License-Identifier: Apache-2.0
// LmtpSession: the LMTP server (RFC 2033) as a state machine: bytes in, replies out, no socket and no clock. It alone
// decides what a line and the end of data are. What mail means is the handler's business. Feeding in any split gives
// the same replies and the same handler calls. Refuses HELO/EHLO, bare-LF command lines (500 5.5.2), BINARYMIME, DSN
// parameters, STARTTLS, XCLIENT.
#pragma once

#include "mailctl/base/units.hpp"
#include "mailctl/mail/lmtp_command.hpp"
#include "mailctl/mail/lmtp_content.hpp"
#include "mailctl/mail/lmtp_reply.hpp"
#include "mailctl/model/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

struct LmtpLimits {
    ByteCount max_message_size;          // in wire form (CRLF); 0 = no limit. Advertised as SIZE.
    unsigned max_recipients = 1000;      // over it RCPT answers 452 4.5.3
    std::size_t max_command_line = 4096; // bytes with CRLF
    unsigned max_bad_commands = 10;      // in a row; the next one gets 421 and the session closes
};

struct MailCommand {
    std::string client_name; // argument of LHLO; a claim, not a fact
    Sender sender;
    std::optional<ByteCount> size; // SIZE= as declared
    bool body_8bit = false;        // BODY=8BITMIME
    bool smtputf8 = false;         // the message may hold UTF-8 headers: "with UTF8LMTP"
};

struct RcptCommand {
    Address recipient; // `postmaster` alone got our host name as its domain
    std::optional<std::string>
        original_recipient; // ORCPT=rfc822;... decoded and checked: no control bytes, valid UTF-8
};

// What the delivery floor implements. Calls arrive in this order, for each transaction:
// mail, rcpt*, (begin_data, data*, finish?)?, reset. A call that throws std::exception counts as a 451 4.3.0 answer.
class LmtpHandler {
  public:
    virtual ~LmtpHandler() = default;
    virtual LmtpReply mail(const MailCommand& command) = 0; // 2xx opens the transaction; otherwise no reset() follows
    virtual LmtpReply rcpt(const RcptCommand& command) = 0; // must have no side effect: MTAs probe addresses with it
    virtual void begin_data() = 0;
    // Decoded content: CRLF became LF, stuffed dots are gone, every other byte as sent. Valid during the call only.
    // A failure to keep it is remembered by the handler and told by finish().
    virtual void data(std::string_view chunk) = 0;
    // The message is complete. One reply per accepted RCPT, in that order, duplicates included (RFC 2033 4.2).
    virtual std::vector<LmtpReply> finish() = 0;
    // The client had a message, and no recipient of it was accepted.
    virtual void data_refused() {}
    // The transaction is over: after finish(), or without it when the client went away, reset, or the message was
    // refused. Exactly once for every accepted mail(). Must drop whatever finish() did not make durable.
    virtual void reset() = 0;
};

class LmtpSession {
  public:
    LmtpSession(LmtpLimits limits, DomainName hostname, LmtpHandler& handler);

    [[nodiscard]] std::string greeting() const; // to be sent first: "220 host ..."
    // Takes whatever arrived; appends replies to `out` in the order of the commands. After closing() input is ignored.
    void feed(std::string_view bytes, std::string& out);
    // Send what is in `out`, then close the connection (after QUIT, or after too many bad commands).
    [[nodiscard]] bool closing() const { return closing_; }
    // The peer is gone, or we give up on it: an open transaction is reset, nothing of it is delivered.
    void connection_lost();
    [[nodiscard]] bool between_transactions() const { return !transaction_.open; }
    // A message has begun. Without one nothing is lost by shutting down: the client says its commands again.
    [[nodiscard]] bool has_content() const { return transaction_.has_content; }
    [[nodiscard]] std::string timeout_reply() const;  // 421 4.4.2
    [[nodiscard]] std::string shutdown_reply() const; // 421 4.3.2

  private:
    enum class Mode { command, discard_line, data, chunk };

    // Each takes what belongs to its mode and returns the rest.
    std::string_view take_command(std::string_view bytes, std::string& out);
    std::string_view take_discarded(std::string_view bytes);
    std::string_view take_data(std::string_view bytes, std::string& out);
    std::string_view take_chunk(std::string_view bytes, std::string& out);

    void run(std::string_view line, std::string& out);
    void run_lhlo(std::string_view argument, std::string& out);
    void run_mail(std::string_view argument, std::string& out);
    void run_rcpt(std::string_view argument, std::string& out);
    void run_data(std::string_view argument, std::string& out);
    void run_bdat(std::string_view argument, std::string& out);
    void run_rset(std::string_view argument, std::string& out);
    void run_quit(std::string_view argument, std::string& out);

    void begin_content(ContentForm form);
    std::size_t keep_content(std::string_view bytes);
    [[nodiscard]] std::optional<LmtpReply> content_error() const;
    void end_chunk(std::string& out);
    void end_message(std::string& out);
    [[nodiscard]] std::vector<LmtpReply> final_replies();
    [[nodiscard]] LmtpReply no_recipients();
    void reply(const LmtpReply& reply, std::string& out);
    void reset_transaction();

    LmtpLimits limits_;
    DomainName hostname_;
    LmtpHandler& handler_;

    Mode mode_ = Mode::command;
    bool closing_ = false;
    unsigned bad_commands_ = 0;
    std::string line_;        // the beginning of a command line, when it did not arrive in one piece
    std::string client_name_; // empty: no LHLO yet

    struct Transaction { // reset_transaction() alone makes a new one
        bool open = false;
        MailIs mail = MailIs::ascii;
        std::size_t recipients = 0;
        bool has_content = false;             // begin_data() was called
        bool handler_failed = false;          // it threw while taking content
        std::optional<LmtpReply> chunk_error; // a BDAT failed: every later one answers this until RSET, LHLO or MAIL
        LmtpContent content;
    };
    Transaction transaction_;

    ChunkArgument chunk_;                    // of the BDAT being read; size counts down
    std::optional<LmtpReply> chunk_refusal_; // said when its octets are eaten
};

} // namespace mailctl
