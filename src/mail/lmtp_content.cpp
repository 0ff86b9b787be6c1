// SPDX-License-Identifier: Apache-2.0
// The content decoder: six states, each byte seen once; runs without CR are found by memchr and copied whole.
#include "mailctl/mail/lmtp_content.hpp"

#include <array>
#include <cstring>

namespace mailctl {
namespace {

// Collects decoded bytes so that the sink is called once per 16 KiB, not once per line. Lives on the stack: an idle
// session holds no buffer.
class Piece {
  public:
    explicit Piece(const LmtpContent::Sink& sink) : sink_(sink) {}
    void put(char c) {
        if (used_ == bytes_.size()) flush();
        bytes_[used_++] = c;
    }
    void put(std::string_view run) {
        if (run.size() > bytes_.size() - used_) flush();
        if (run.size() > bytes_.size()) {
            sink_(run);
            return;
        }
        std::memcpy(bytes_.data() + used_, run.data(), run.size());
        used_ += run.size();
    }
    void flush() {
        if (used_ > 0) sink_({bytes_.data(), used_});
        used_ = 0;
    }

  private:
    const LmtpContent::Sink& sink_;
    std::array<char, 16384> bytes_; // not cleared: only the used part is read
    std::size_t used_ = 0;
};

} // namespace

std::size_t LmtpContent::feed(std::string_view bytes, const Sink& sink) {
    Piece piece(sink);
    std::size_t at = 0;
    while (at < bytes.size() && state_ != State::ended) {
        char c = bytes[at];
        switch (state_) {
        case State::line_start:
            state_ = State::middle;
            if (c == '.' && form_ == ContentForm::dotted) {
                state_ = State::dot;
                ++at;
            }
            break;
        case State::dot: // the dot itself is never content
            state_ = State::middle;
            if (c == '\r') {
                state_ = State::dot_cr;
                ++at;
            }
            break;
        case State::dot_cr: // either the end, or a line that begins with CR
            state_ = c == '\n' ? State::ended : State::cr;
            if (c == '\n') ++at;
            break;
        case State::cr:
            ++at;
            if (c == '\n') {
                piece.put('\n');
                wire_size_ += 2;
                state_ = State::line_start;
                break;
            }
            piece.put('\r');
            ++wire_size_;
            if (c == '\r') break;
            piece.put(c);
            ++wire_size_;
            state_ = State::middle;
            break;
        case State::middle: {
            std::string_view rest = bytes.substr(at);
            const void* cr = std::memchr(rest.data(), '\r', rest.size());
            std::size_t run = cr ? static_cast<std::size_t>(static_cast<const char*>(cr) - rest.data()) : rest.size();
            piece.put(rest.substr(0, run));
            wire_size_ += run;
            at += run;
            if (cr) {
                state_ = State::cr;
                ++at;
            }
            break;
        }
        case State::ended:
            break;
        }
    }
    piece.flush();
    return at;
}

void LmtpContent::end_chunks(const Sink& sink) {
    if (state_ != State::cr) return;
    ++wire_size_;
    state_ = State::middle;
    sink("\r");
}

} // namespace mailctl
