// SPDX-License-Identifier: Apache-2.0
// A domain as rows of the directory that other machines read (mailctl-node(8)), and back. Each machine that has mail of
// the domain has a part: a row for the domain itself and one for each of its names. What a row says is TOML as it
// stands in a domain file, so that the machine's file is made of it and read by the code that reads every other.
#pragma once

#include "mailctl/model/account.hpp"
#include "mailctl/model/mail_node.hpp"
#include "mailctl/model/site.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// The kind of a row, one letter.
enum class RowKind : char {
    domain = 'd', // local "": the keys of the domain and its banished names, without accounts
    mailbox = 'm',
    alias = 'a', // of a mailbox; the row says of which. The mailbox's own row has it too
    forward = 'f',
    robot = 'r',
    list = 'l',
    elsewhere = 'e', // a mailbox or alias that lives on another machine than its domain; the row says on which
    banished = 'b'   // a name or a pattern; the row says the answer. The domain's row has it too, in order
};

struct PublishedRow {
    std::string local; // folded local part; of a banished pattern: that
    RowKind kind = RowKind::domain;
    std::string payload;
    bool operator==(const PublishedRow&) const = default;
};
// By the name of the machine, sorted by local part. Nothing for a domain that lives on the administration host, but
// for mailboxes of it that live elsewhere.
using PublishedParts = std::map<std::string, std::vector<PublishedRow>>;
[[nodiscard]] PublishedParts publish_domain(const Domain& domain);

// A line in front of the domain's row of each part: the digest of all rows of the part. So the domain's row changes
// with any of them, and a machine can tell whether what it has is what was published.
using RowDigest = std::function<std::string(std::string_view bytes)>; // in letters
void seal_parts(PublishedParts& parts, const RowDigest& digest);
[[nodiscard]] std::string_view seal_of(std::string_view payload); // the digest; "": there is none

// All of a part as bytes, each value with its length: what a digest is made of.
[[nodiscard]] std::string row_bytes(const PublishedParts& parts);

// A row read back: what it says of the domain (kind domain), or of one account. nullopt: an alias or a banished name,
// which other rows say. invalid: it is not what publish_domain writes.
struct ReadRow {
    std::optional<Domain> domain; // without accounts but banished names
    std::optional<Account> account;
};
[[nodiscard]] Result<ReadRow> read_row(const PublishedRow& row, const DomainName& domain, const Site::Addresses& rules);

// All rows of a part, the domain's own first, read back. invalid: as read_row.
[[nodiscard]] Result<Domain> domain_of_rows(const std::vector<PublishedRow>& rows, const DomainName& domain,
                                            const Site::Addresses& rules);
// The text of a new domain file that says all of these rows; the first is the domain's.
[[nodiscard]] std::string text_of_rows(const std::vector<PublishedRow>& rows);

} // namespace mailctl
