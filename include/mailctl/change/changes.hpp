// SPDX-License-Identifier: Apache-2.0
// The one path of every change: lock, finish what another left, plan, new texts, validate, dry run or commit. No
// command writes a source file by itself. Commit point is the pending record (store/history): before it nothing has
// changed, after it the change is carried through by this process or by the next writer, and readers look through it
// meanwhile. All files or none, also when killed.
#pragma once

#include "mailctl/change/draft.hpp"

#include <cstdint>
#include <functional>
#include <map>

namespace mailctl {

// A file outside the site that is there, durable, before the change is: passwords that nobody else knows. It must not
// exist (conflict), only its owner may read it, and it goes again where the change is not made.
struct SecretsFile {
    std::string path, text;
};

struct ChangePlan {
    std::map<SourceFile, FileAction> files;
    Report report;                        // rows and notes to give once the change is made
    std::optional<std::uint64_t> reverts; // the record that this change undoes
    std::vector<MailOrder> mail;          // see mail_moves
    std::optional<SecretsFile> secrets = {};
    bool name_unused_keys = false; // notes for keys that are kept but not acted on yet
    bool were_judged = false;      // the texts come from the administration host, which judged them beside all others
    bool hand_edits = false;       // `mailctl apply`: the files as they were found, each named once it is in force

    void edit(const DomainName& domain, Edit edit); // after those there are
};
// Decides from the site as it is, under the lock, what is to be done. Changes nothing.
using Planner = std::function<Result<ChangePlan>(const SiteView&)>;

// The plan's report; "nothing to change" where no text and nothing made from texts would differ; for a dry run the
// unified diffs of all files and maps, password hashes hidden, as Layout::text. temporary: the lock was not obtained.
// invalid, conflict: the result would not validate, or a file changed while we worked: nothing is written.
// `about`: the addresses that the plan looks at, if it looks at no others: then a large domain need not be read whole.
[[nodiscard]] Result<Report> change(const World& world, const ChangeOptions& options, const Planner& plan,
                                    std::span<const Address> about = {});

// One change over many targets: `plan_one` (view, target, plan) plans for each of them in turn.
template <class Targets, class PlanOne>
[[nodiscard]] Result<Report> change_each(const World& world, const ChangeOptions& options, const Targets& targets,
                                         std::span<const Address> about, const PlanOne& plan_one) {
    const auto plan_all = [&](const SiteView& view) -> Result<ChangePlan> {
        ChangePlan plan;
        for (const auto& target : targets) {
            TRY(plan_one(view, target, plan));
        }
        return plan;
    };
    return change(world, options, plan_all, about);
}

} // namespace mailctl
