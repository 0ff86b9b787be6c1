// SPDX-License-Identifier: Apache-2.0
// State: what both programs remember that is no configuration (state.db): candidates, answers, tombstones. Topic
// modules hold the statements; here the file is found, made and brought to the current schema. Only `mailctl` makes or
// upgrades it; for the agent a missing, damaged or older state is "could not find out".
#pragma once

#include "mailctl/maildir/maildir.hpp"
#include "mailctl/os/paths.hpp"
#include "mailctl/store/database.hpp"

#include <memory>

namespace mailctl {

// One connection, opened by its first use, that the threads of a process take turns with: SQLite lets one write at a
// time anyway, and those who wait here go on at once, while those who wait for its file lock poll. Opened anew when the
// file was replaced. A child after fork(2) may not use what its parent has opened.
//
// In the agent nobody waits long: for his turn and the file lock together two seconds, and while it was not to be had
// the last time a moment; where somebody is at it for long, few wait at all (base/bounds). The threads are for other
// mail.
class State {
  private:
    struct Impl;

  public:
    // For the agent. Transactions survive its death but not a power cut: what it writes is made again from the mail, or
    // costs one more reply.
    static State of_agent(const Paths& paths);
    // For `mailctl`: files are made where they are missing and brought to the current schema, for the mail user and
    // group to read and write where `owner` is given (0660), else for the caller alone (0600).
    static State of_administrator(const Paths& paths, std::optional<MailOwner> owner);

    // The one-time codes (codes.db): what opens a mailbox lies in the history, where nobody but the administrator can
    // write or put it back. The mail user can do both in state.db.
    static State of_codes(const Paths& paths);
    // For `mailctl` where it only looks, or is the mail user already: nothing is made or upgraded.
    static State of_reader(const Paths& paths);

    // The database for one operation of one thread. Let go of it soon: others wait.
    class Turn {
      public:
        [[nodiscard]] Database& database() const { return *database_; }
        Database* operator->() const { return database_; }
        // The next row of many. temporary, too: they are more than any site has.
        [[nodiscard]] Result<bool> next(SqlStatement& rows) const;
        // This row is none that we wrote (store/row_values).
        void skip(std::string_view table, std::string_view name) const;

      private:
        friend class State;
        struct Skipped;
        struct End {
            void operator()(Impl* state) const;
        };
        using Held = std::unique_ptr<Impl, End>;
        Turn(Held held, Database* database, Skipped* skipped)
            : held_(std::move(held)), database_(database), skipped_(skipped) {}
        Held held_;
        Database* database_;
        Skipped* skipped_;
        mutable std::size_t rows_ = 0;
    };
    // A line for each row that was skipped, and a last one for the rest where they are many; once.
    [[nodiscard]] std::vector<std::string> take_skipped();
    // temporary, and nothing else: cannot be opened, damaged, of another version, or in use for too long; for `mailctl`
    // also where it holds tables, views or triggers that are not ours.
    [[nodiscard]] Result<Turn> turn();

    State(State&&) noexcept;
    State& operator=(State&&) noexcept;
    ~State();

  private:
    explicit State(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace mailctl
