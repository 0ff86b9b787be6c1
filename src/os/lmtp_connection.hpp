// SPDX-License-Identifier: Apache-2.0
// LmtpConnection: one client of the LMTP server, from its greeting to its end. One thread at a time serves it; between
// its events nobody has it, and then only the atomics are read from outside.
#pragma once

#include "mailctl/mail/lmtp_session.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/lmtp_server.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <string>

namespace mailctl {

class LmtpConnection;

// The server as its connections see it.
class LmtpCrowd {
  public:
    virtual ~LmtpCrowd() = default;
    // The next event of this kind goes to whichever thread is free. false: the system cannot watch it.
    [[nodiscard]] virtual bool watch(LmtpConnection& connection, int socket, std::uint32_t event, int operation) = 0;
    virtual void forget(LmtpConnection& connection) = 0; // it is gone afterwards
    [[nodiscard]] bool can_spare_a_thread() const { return !stopping && busy_threads < threads; }

    std::atomic<unsigned> threads = 0, busy_threads = 0;
    std::atomic<bool> stopping = false;
};

class LmtpConnection {
  public:
    using Steady = std::chrono::steady_clock;
    using InputBuffer = std::array<char, 64 * 1024>; // one per thread, so that an idle connection holds none

    LmtpConnection(LmtpCrowd& crowd, FileDescriptor socket, LmtpService service);
    // Greets. false: it is over already.
    [[nodiscard]] bool start();
    // What its event calls for, until there is nothing to do or the client keeps us waiting. *this may be gone then.
    // Never throws: without memory the client is told to come again.
    void serve(InputBuffer& buffer);
    // From the sweeper: the next read will find the end, and the given reason is told to the client.
    void end_if_idle(Steady::time_point now, std::chrono::seconds timeout);
    void end_if_resting(); // no message in hand
    void end_now() { end(End::shutdown); }

    std::list<LmtpConnection>::iterator place; // in the server's list

  private:
    enum class End { none, idle, shutdown };
    enum class Next { read_more, stay_for_client, wait_for_client, wait_for_room, close };
    void end(End reason);
    Next serve_events(InputBuffer& buffer);
    Next serve_once(InputBuffer& buffer);
    Next say_goodbye();
    Next flush();
    void wait(Next next);
    [[nodiscard]] bool hand_over(std::uint32_t event, int operation);
    void hang_up();

    LmtpCrowd& crowd_;
    FileDescriptor socket_;
    std::unique_ptr<LmtpHandler> handler_;
    LmtpSession session_;
    std::string output_; // replies not yet written
    std::atomic<Steady::rep> last_activity_;
    std::atomic<bool> working_ = true, resting_ = false, stalled_ = false;
    std::atomic<End> end_ = End::none;
};

// Best effort: it is only a courtesy.
void turn_away(int socket, std::string_view line);

} // namespace mailctl
