// SPDX-License-Identifier: Apache-2.0
// Mail domains: `mailctl domain`. Each operation is one change over the domain's own file; deleting is refused while
// other domains refer to it. A name of an alias stands for its real domain wherever a domain is asked for.
#pragma once

#include "mailctl/config/assignment.hpp"
#include "mailctl/report/report.hpp"
#include "mailctl/site/world.hpp"

#include <span>

namespace mailctl {

struct NewDomain {
    DomainName name;
    std::string owner;
    std::vector<DomainName> aliases;
    std::optional<UnknownAction> unknown; // absent: reject
    std::string source_ip;
};

// conflict: a file of that name exists, or another domain has the name as alias.
[[nodiscard]] Result<Report> create_domains(const World& world, std::span<const NewDomain> domains,
                                            const ChangeOptions& options);
[[nodiscard]] Result<Report> list_domains(const World& world);
[[nodiscard]] Result<Report> show_domains(const World& world, std::span<const DomainName> domains);
// Keys: owner, aliases, source_ip, relay_to, unknown, limits.KEY, dmarc.KEY, tls.KEY. An empty value removes the key.
[[nodiscard]] Result<Report> set_domain(const World& world, const DomainName& domain,
                                        std::span<const Assignment> assignments, const ChangeOptions& options);
// Mail of a deleted domain moves to the archive area. conflict: others refer to it, and the message lists them.
[[nodiscard]] Result<Report> delete_domains(const World& world, std::span<const DomainName> domains,
                                            const ChangeOptions& options);
struct DomainRenaming {
    DomainName from, to;
    bool leave_alias = false; // the old name stays as another name of the domain
};
// Its file, its Maildirs and every reference to its addresses go by the new name; a name that was an alias of it may
// become its own. conflict: the new name is taken, or the domain holds candidates, whose mail has no other place to go.
[[nodiscard]] Result<Report> rename_domain(const World& world, const DomainRenaming& renaming,
                                           const ChangeOptions& options);
[[nodiscard]] Result<Report> suspend_domains(const World& world, std::span<const DomainName> domains,
                                             const ChangeOptions& options);
[[nodiscard]] Result<Report> resume_domains(const World& world, std::span<const DomainName> domains,
                                            const ChangeOptions& options);
[[nodiscard]] Result<Report> add_domain_aliases(const World& world, const DomainName& domain,
                                                std::span<const DomainName> aliases, const ChangeOptions& options);
[[nodiscard]] Result<Report> remove_domain_aliases(const World& world, const DomainName& domain,
                                                   std::span<const DomainName> aliases, const ChangeOptions& options);

// `domain edit` in three steps around the editor: the text and path to edit, a check of what came back (with a question
// about the mailboxes it leaves out: see losses), and its installation, refused as a conflict if the file is no longer
// `before`.
struct DomainText {
    DomainName name;
    std::string path, text;
};
[[nodiscard]] Result<DomainText> load_domain_text(const World& world, const DomainName& domain);
// `edited` is a copy of the domain's file: what is wrong is told with its places.
[[nodiscard]] Status check_domain_text(const World& world, const DomainText& edited, const ChangeOptions& options);
[[nodiscard]] Result<Report> install_domain_text(const World& world, const DomainText& before, const std::string& after,
                                                 const ChangeOptions& options);

} // namespace mailctl
