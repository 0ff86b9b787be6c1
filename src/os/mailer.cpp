// SPDX-License-Identifier: Apache-2.0
// The sendmail way. Its exit status says too little to refuse anything by: all but 0 is "try again".
#include "mailctl/os/mailer.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/process.hpp"
#include "smtp_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace mailctl {
namespace {

class SendmailMailer final : public Mailer {
  public:
    SendmailMailer(std::string program, std::string spool_directory, MailerTimeouts timeouts)
        : program_(std::move(program)), spool_directory_(std::move(spool_directory)), timeouts_(timeouts) {}
    Result<std::vector<Refusal>> submit(const Submission& submission, const SubmittedMessage& message) override;

  private:
    Result<ProcessResult> run_program(const Submission& submission, const SubmittedMessage& message);

    std::string program_, spool_directory_;
    MailerTimeouts timeouts_;
};

Result<std::vector<Refusal>> SendmailMailer::submit(const Submission& submission, const SubmittedMessage& message) {
    auto done = run_program(submission, message);
    if (!done) {
        auto error = done.error().while_doing("cannot hand over to the MTA");
        error.kind = ErrorKind::temporary;
        return fail(std::move(error));
    }
    if (done->status == 0) return std::vector<Refusal>{};
    return fail(ErrorKind::temporary, fmt::format("cannot hand over to the MTA: '{}' ended with {}: {}", program_,
                                                  done->status, printable(trim(done->error_output))));
}

Result<ProcessResult> SendmailMailer::run_program(const Submission& submission, const SubmittedMessage& message) {
    std::vector<std::string> argv{program_, "-i", "-f", submission.sender ? submission.sender->text() : "<>", "--"};
    for (const auto& target : submission.targets)
        argv.push_back(target.text());
    MessageContent whole(spool_directory_); // one stream for the program's input
    whole.append(message.head);
    TRY(read_content(message.content, message.offset, [&](std::string_view piece) -> Status {
        whole.append(piece);
        return whole.status();
    }));
    ProcessOptions options;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(submission.deadline - std::chrono::steady_clock::now());
    options.timeout = std::clamp(left, std::chrono::milliseconds{1}, timeouts_.message);
    if (whole.in_memory()) {
        options.input = std::string(whole.memory());
    } else {
        if (::lseek(whole.spool(), 0, SEEK_SET) != 0) return fail(system_error(errno, "cannot read", "the spool"));
        options.input_fd = whole.spool();
    }
    return run(argv, options);
}

} // namespace

std::unique_ptr<Mailer> make_mailer(const Submit& submit, const DomainName& hostname, std::string spool_directory,
                                    MailerTimeouts timeouts) {
    if (const auto* smtp = std::get_if<SubmitBySmtp>(&submit)) return make_smtp_mailer(*smtp, hostname, timeouts);
    return std::make_unique<SendmailMailer>(std::get<SubmitBySendmail>(submit).program, std::move(spool_directory),
                                            timeouts);
}

} // namespace mailctl
