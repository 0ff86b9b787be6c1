// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/mbox_line.hpp"

#include "mailctl/mail/message.hpp"

#include <algorithm>

namespace mailctl {
namespace {

constexpr std::size_t max_mbox_line = 8192; // no line of mbox is that long
constexpr std::string_view plain_form = "From ", escaped_form = ">From ";

bool may_begin(std::string_view text, std::string_view form) {
    const auto length = std::min(text.size(), form.size());
    return text.substr(0, length) == form.substr(0, length);
}

} // namespace

std::size_t mbox_line_length(std::string_view message) {
    if (!message.starts_with(plain_form) && !message.starts_with(escaped_form)) return 0;
    const auto end = message.find('\n');
    if (std::min(end, message.size()) >= max_mbox_line) return 0;
    if (end == message.npos) return message.size();
    const auto rest = message.substr(end + 1);
    return rest.empty() || HeaderSection::scan(rest).present() ? end + 1 : 0;
}

void MboxLineRemover::add(std::string_view piece) {
    if (decided_) return sink_(piece);
    beginning_ += piece;
    const bool possible = may_begin(beginning_, plain_form) || may_begin(beginning_, escaped_form);
    if (!possible)
        pass_on(0);
    else if (beginning_.size() >= 2 * max_mbox_line || std::ranges::count(beginning_, '\n') >= 2)
        pass_on(mbox_line_length(beginning_));
}

void MboxLineRemover::end() {
    if (!decided_) pass_on(mbox_line_length(beginning_));
}

void MboxLineRemover::pass_on(std::size_t from) {
    decided_ = true;
    if (from < beginning_.size()) sink_(std::string_view(beginning_).substr(from));
    beginning_ = {};
}

} // namespace mailctl
