// SPDX-License-Identifier: Apache-2.0
// mkdtemp, the editor, the check, and again. The copy goes away unless it is the only place of somebody's work.
#include "editor.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"
#include "mailctl/os/terminal.hpp"
#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace mailctl {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Result<std::vector<std::string>> editor_words() {
    std::string editor = environment("VISUAL");
    if (editor.empty()) editor = environment("EDITOR");
    if (editor.empty() && !is_terminal(Stream::input))
        return fail(ErrorKind::usage, "no editor: EDITOR is not set and there is no terminal", "set EDITOR");
    if (editor.empty()) editor = "vi";
    std::vector<std::string> words;
    for (const std::string_view word : split(editor, ' ')) {
        if (!word.empty()) words.emplace_back(word);
    }
    if (words.empty()) return fail(ErrorKind::usage, "EDITOR holds nothing but spaces", "set EDITOR");
    return words;
}

// A directory of its own (0700), so that the copy, which holds password hashes, is nobody else's to read.
class PrivateCopy {
  public:
    static Result<PrivateCopy> make(const std::string& text, const std::string& file_name) {
        const std::string parent = environment("TMPDIR").empty() ? "/tmp" : environment("TMPDIR");
        std::string directory = parent + "/mailctl-edit-XXXXXX";
        if (::mkdtemp(directory.data()) == nullptr)
            return fail(system_error(errno, "cannot make a private directory below", parent));
        PrivateCopy copy(directory, directory + "/" + file_name);
        TRY(replace_file(copy.path_, text, FileMode{.mode = 0600, .group = {}}));
        return copy;
    }
    PrivateCopy(PrivateCopy&& other) noexcept
        : directory_(std::exchange(other.directory_, {})), path_(std::move(other.path_)) {}
    PrivateCopy& operator=(PrivateCopy&&) = delete;
    ~PrivateCopy() {
        if (directory_.empty()) return;
        std::remove(path_.c_str());
        ::rmdir(directory_.c_str());
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    void keep() { directory_.clear(); }

  private:
    PrivateCopy(std::string directory, std::string path) : directory_(std::move(directory)), path_(std::move(path)) {}
    std::string directory_, path_;
};

Status run_editor(std::vector<std::string> words, const std::string& path) {
    const std::string name = words.front();
    words.push_back(path);
    TRY_ASSIGN(const int status, run_on_terminal(words));
    if (status != 0)
        return fail(ErrorKind::failed,
                    fmt::format("the editor '{}' ended with status {}: nothing was changed", printable(name), status));
    return {};
}

} // namespace

Result<std::string> edit_text(const std::string& text, const std::string& file_name,
                              const std::function<Status(const std::string&, const std::string&)>& check) {
    TRY_ASSIGN(const std::vector<std::string> editor, editor_words());
    TRY_ASSIGN(PrivateCopy copy, PrivateCopy::make(text, file_name));
    while (true) {
        TRY(run_editor(editor, copy.path()));
        TRY_ASSIGN(std::string edited, load_file(copy.path()));
        const Status verdict = check(edited, copy.path());
        if (verdict) return edited;
        Error error = verdict.error();
        if (is_terminal(Stream::input)) {
            print_error(error, Format::table, wants_colour(Stream::error) ? Colour::on : Colour::off);
            TRY_ASSIGN(const bool again, confirm_unless_no("edit it again?"));
            if (again) continue;
        }
        copy.keep();
        error.hint = fmt::format("nothing was installed; your copy is '{}'", copy.path());
        return fail(std::move(error));
    }
}

} // namespace mailctl
