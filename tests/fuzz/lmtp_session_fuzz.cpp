// SPDX-License-Identifier: Apache-2.0
// Any bytes into the LMTP session. Byte 0 chooses the limits and the split. Held to: every reply is a proper line,
// every saved message got one reply per recipient in order, a split changes nothing, and DATA decodes as a
// search-and-replace reference does.
#include "../unit/mail/fake_lmtp_handler.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>

using namespace mailctl;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// Final replies that can be told apart.
class CountingHandler : public FakeLmtpHandler {
  public:
    std::string final_replies;
    std::size_t begun = 0;

    void begin_data() override { ++begun; }
    std::vector<LmtpReply> finish() override {
        auto replies = FakeLmtpHandler::finish();
        for (LmtpReply& reply : replies) {
            reply.text = "saved " + std::to_string(++count_);
            final_replies += format_lmtp_reply(reply);
        }
        return replies;
    }

  private:
    std::size_t count_ = 0;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
}

std::string reference(const std::string& wire) {
    std::string text = "\r\n" + wire;
    require(text.ends_with("\r\n.\r\n"));
    require(text.find("\r\n.\r\n") == text.size() - 5);
    text.resize(text.size() - 3);
    replace_all(text, "\r\n.", "\r\n");
    replace_all(text, "\r\n", "\n");
    return text.substr(1);
}

void check_replies(std::string_view out) {
    while (!out.empty()) {
        const auto end = out.find("\r\n");
        require(end != out.npos && end >= 4 && end <= 510);
        for (char c : out.substr(0, end))
            require(c >= 0x20 && c < 0x7f);
        for (char c : out.substr(0, 3))
            require(c >= '0' && c <= '9');
        out.remove_prefix(end + 2);
    }
}

struct Outcome {
    std::string out;
    std::vector<SavedMessage> saved;
    bool closing = false;
    bool operator==(const Outcome&) const = default;
};

Outcome run(std::string_view bytes, std::size_t piece, const LmtpLimits& limits) {
    CountingHandler handler;
    LmtpSession session(limits, DomainName::from_trusted("mx.example.org"), handler);
    Outcome outcome;
    std::optional<std::string> wire; // what followed DATA; only told apart when bytes come one by one
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const std::size_t begun = handler.begun, saved = handler.saved.size();
        session.feed(bytes.substr(at, piece), outcome.out);
        if (piece != 1) continue;
        if (wire) wire->push_back(bytes[at]);
        if (handler.begun != begun && outcome.out.ends_with("354 end with <CR><LF>.<CR><LF>\r\n")) wire = "";
        if (wire && handler.saved.size() != saved) {
            require(handler.saved.back().content == reference(*wire));
            wire.reset();
        }
        if (session.between_transactions()) wire.reset();
    }
    require(handler.open == (session.between_transactions() ? 0 : 1));
    outcome.closing = session.closing();
    session.connection_lost();
    require(handler.open == 0);
    std::string finals;
    for (std::size_t at = 0; (at = outcome.out.find("250 2.0.0 saved ", at)) != std::string::npos; ++at)
        finals += outcome.out.substr(at, outcome.out.find('\n', at) + 1 - at);
    require(finals == handler.final_replies);
    outcome.saved = handler.saved;
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    LmtpLimits limits{ByteCount{(data[0] & 1U) != 0 ? 60U : 0U}, 3, 80, 4};
    const Outcome whole = run(bytes, bytes.size() + 1, limits);
    check_replies(whole.out);
    require(run(bytes, 1, limits) == whole);
    require(run(bytes, 2U + (data[0] >> 1U), limits) == whole);
    return 0;
}
