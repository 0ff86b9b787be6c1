// SPDX-License-Identifier: Apache-2.0
// Runs tests/lmtp/*.txt (format: README.md there) against the state machine: command by command, whole, and byte by
// byte.
#include "fake_lmtp_handler.hpp"

#include "mailctl/mail/message.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace mailctl;

namespace {

struct Line {
    char kind; // the letter
    std::string text;
    std::size_t copies = 1; // D: recipients
};
struct Transcript {
    LmtpLimits limits;
    std::vector<Line> lines;
};

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out.push_back(text[i]);
            continue;
        }
        switch (text.at(++i)) {
        case 'r':
            out.push_back('\r');
            break;
        case 'n':
            out.push_back('\n');
            break;
        case 't':
            out.push_back('\t');
            break;
        case '\\':
            out.push_back('\\');
            break;
        case 'x':
            out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
            i += 2;
            break;
        default:
            FAIL("unknown escape in ", text);
        }
    }
    return out;
}

void set_limit(LmtpLimits& limits, const std::string& text) {
    std::istringstream words(text);
    std::string name;
    unsigned value = 0;
    words >> name >> value;
    REQUIRE_FALSE(words.fail());
    if (name == "max_message_size")
        limits.max_message_size = ByteCount{value};
    else if (name == "max_recipients")
        limits.max_recipients = value;
    else if (name == "max_bad_commands")
        limits.max_bad_commands = value;
    else
        FAIL("unknown limit ", name);
}

Line parse_counted(char kind, std::string_view text) {
    const auto blank = text.find(' ');
    REQUIRE(blank != text.npos);
    return {kind, unescape(text.substr(blank + 1)), std::stoul(std::string(text.substr(0, blank)))};
}

Transcript load(const std::filesystem::path& path) {
    Transcript transcript;
    std::ifstream file(path, std::ios::binary);
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        REQUIRE(line.size() >= 2);
        const std::string_view text = line.size() > 2 ? std::string_view(line).substr(3) : std::string_view{};
        if (line.starts_with("L:"))
            set_limit(transcript.limits, std::string(text));
        else if (line.starts_with("C:"))
            transcript.lines.push_back({'C', unescape(text) + "\r\n"});
        else if (line.starts_with("C>"))
            transcript.lines.push_back({'C', unescape(text)});
        else if (line.starts_with("C*")) {
            const Line repeated = parse_counted('C', text);
            std::string bytes;
            for (std::size_t i = 0; i < repeated.copies; ++i)
                bytes += repeated.text;
            transcript.lines.push_back({'C', bytes});
        } else if (line.starts_with("S:"))
            transcript.lines.push_back({'S', unescape(text)});
        else if (line.starts_with("D:"))
            transcript.lines.push_back(parse_counted('D', text));
        else if (line == "E:" || line == "Q:")
            transcript.lines.push_back({line[0], ""});
        else
            FAIL("unknown line ", line);
    }
    return transcript;
}

// As it would lie in the Maildir, but for the trace headers.
std::string as_stored(const std::string& content) {
    return (HeaderSection::scan(content).present() ? "" : "\n") + content;
}

class Run {
  public:
    explicit Run(const Transcript& transcript) : session_(transcript.limits, hostname, handler_) {
        CHECK(session_.greeting().starts_with("220 example.org "));
    }
    void client(std::string_view bytes) { session_.feed(bytes, replies_); }
    void expect(const Line& line) {
        switch (line.kind) {
        case 'S':
            expect_reply(line.text);
            break;
        case 'D':
            expect_saved(line);
            break;
        case 'E':
            session_.connection_lost();
            break;
        case 'Q':
            CHECK(session_.closing());
            break;
        default:
            FAIL("nothing to expect");
        }
    }
    void end() {
        CHECK_MESSAGE(replies_.empty(), "left over: ", replies_);
        CHECK(saved_seen_ == handler_.saved.size());
        session_.connection_lost();
        CHECK(handler_.open == 0);
    }
    [[nodiscard]] bool nothing_to_say() const { return replies_.empty(); }

  private:
    void expect_reply(const std::string& beginning) {
        const auto end = replies_.find("\r\n");
        REQUIRE_MESSAGE(end != std::string::npos, "no reply where expected: ", beginning);
        const std::string line = replies_.substr(0, end);
        replies_.erase(0, end + 2);
        CHECK_MESSAGE(line.starts_with(beginning), "got '", line, "' instead of '", beginning, "'");
        CHECK(line.size() <= 510);
    }
    void expect_saved(const Line& line) {
        REQUIRE(saved_seen_ < handler_.saved.size());
        const SavedMessage& message = handler_.saved[saved_seen_++];
        CHECK(message.recipients.size() == line.copies);
        CHECK_MESSAGE(as_stored(message.content).ends_with(line.text), "saved: ", message.content);
    }

    static inline const DomainName hostname = DomainName::from_trusted("example.org");
    FakeLmtpHandler handler_;
    LmtpSession session_;
    std::string replies_;
    std::size_t saved_seen_ = 0;
};

void run_stepwise(const Transcript& transcript) {
    Run run(transcript);
    bool client_spoke = false;
    for (const Line& line : transcript.lines) {
        if (line.kind == 'C') {
            CHECK(run.nothing_to_say());
            run.client(line.text);
        } else {
            run.expect(line);
        }
        client_spoke |= line.kind == 'C';
    }
    CHECK(client_spoke);
    run.end();
}

void run_at_once(const Transcript& transcript, std::size_t piece) {
    Run run(transcript);
    std::string bytes;
    for (const Line& line : transcript.lines)
        if (line.kind == 'C') bytes += line.text;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        run.client(std::string_view(bytes).substr(at, piece));
    for (const Line& line : transcript.lines)
        if (line.kind != 'C') run.expect(line);
    run.end();
}

} // namespace

TEST_CASE("the session answers every transcript as written, in any split of its bytes") {
    std::size_t transcripts = 0;
    for (const auto& entry : std::filesystem::directory_iterator(MAILCTL_TESTS_DIR "/lmtp")) {
        if (entry.path().extension() != ".txt") continue;
        ++transcripts;
        CAPTURE(entry.path().filename().string());
        const Transcript transcript = load(entry.path());
        run_stepwise(transcript);
        for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1'000'000}})
            run_at_once(transcript, piece);
    }
    CHECK(transcripts >= 15);
}
