// SPDX-License-Identifier: Apache-2.0
// Which values a row holds, in which order.
#include "mailctl/routing/record.hpp"

#include "row_bytes.hpp"

#include <algorithm>
#include <utility>

namespace mailctl {

namespace {

template <class Value>
Result<Value> finished(const RowReading& reader, Value value, std::string_view what) {
    if (!reader.whole())
        return fail(ErrorKind::temporary, "the compiled directory holds a damaged " + std::string(what),
                    "mailctl apply");
    return value;
}

void write_unknown(RowBytes& writer, const UnknownAction& action) {
    writer.choice(action.kind);
    writer.addresses(action.to);
    writer.optional(action.domain, [&](const DomainName& name) { writer.text(name.text()); });
    if (action.kind == UnknownAction::Kind::elsewhere) writer.text(action.node);
}

UnknownAction read_unknown(RowReading& reader) {
    UnknownAction action;
    action.kind = reader.choice(UnknownAction::Kind::elsewhere);
    action.to = reader.addresses();
    action.domain = reader.optional([&] { return reader.domain(); });
    if (action.kind == UnknownAction::Kind::elsewhere) action.node = reader.clean_text();
    return action;
}

void write_ban(RowBytes& writer, const Ban& ban) {
    writer.text(ban.name);
    writer.choice(ban.answer);
}

Ban read_ban(RowReading& reader) {
    std::string name = reader.text();
    return {std::move(name), reader.choice(BanAnswer::reject)};
}

void write_suspension(RowBytes& writer, const Suspension& suspension) {
    writer.flag(suspension.login);
    writer.choice(suspension.receive);
    writer.text(suspension.reason);
    writer.optional(suspension.until, [&](Date date) { writer.date(date); });
}

Suspension read_suspension(RowReading& reader) {
    Suspension suspension;
    suspension.login = reader.flag();
    suspension.receive = reader.choice(SuspendedReceive::hold);
    suspension.reason = reader.text();
    suspension.until = reader.optional([&] { return reader.date(); });
    return suspension;
}

std::string encode_entry(const MailboxEntry& entry) {
    RowBytes writer(RowKind::mailbox);
    writer.text(entry.mailbox);
    writer.number(entry.quota.bytes);
    writer.flag(entry.store);
    writer.addresses(entry.forward);
    writer.optional(entry.suspend, [&](const Suspension& suspension) { write_suspension(writer, suspension); });
    writer.flag(entry.has_autoreply);
    return writer.take();
}

std::string encode_entry(const ForwardEntry& entry) {
    RowBytes writer(RowKind::forward);
    writer.addresses(entry.to);
    return writer.take();
}

std::string encode_entry(const RobotEntry& entry) {
    RowBytes writer(RowKind::robot);
    writer.flag(entry.answers);
    writer.addresses(entry.copy_to);
    return writer.take();
}

std::string encode_entry(const ListEntry& entry) {
    RowBytes writer(RowKind::list);
    writer.addresses(entry.members);
    writer.choice(entry.post.who);
    writer.addresses(entry.post.named);
    return writer.take();
}

std::string encode_entry(const ElsewhereEntry& entry) {
    RowBytes writer(RowKind::elsewhere);
    writer.text(entry.node);
    return writer.take();
}

MailboxEntry read_mailbox(RowReading& reader) {
    MailboxEntry entry;
    entry.mailbox = reader.clean_text();
    entry.quota.bytes = reader.number();
    entry.store = reader.flag();
    entry.forward = reader.addresses();
    entry.suspend = reader.optional([&] { return read_suspension(reader); });
    entry.has_autoreply = reader.flag();
    return entry;
}

RobotEntry read_robot(RowReading& reader) {
    RobotEntry entry;
    entry.answers = reader.flag();
    entry.copy_to = reader.addresses();
    return entry;
}

ListEntry read_list(RowReading& reader) {
    ListEntry entry;
    entry.members = reader.addresses();
    entry.post.who = reader.choice(Posters::Who::named);
    entry.post.named = reader.addresses();
    return entry;
}

void write_submit(RowBytes& writer, const Submit& submit) {
    writer.number(submit.index());
    if (const auto* sendmail = std::get_if<SubmitBySendmail>(&submit)) writer.text(sendmail->program);
    if (const auto* smtp = std::get_if<SubmitBySmtp>(&submit)) {
        writer.text(smtp->host);
        writer.number(smtp->port);
    }
}

Submit read_submit(RowReading& reader) {
    if (!reader.flag()) return SubmitBySendmail{reader.text()};
    SubmitBySmtp smtp;
    smtp.host = reader.text();
    smtp.port = static_cast<unsigned short>(reader.small_number());
    return smtp;
}

void write_delivery(RowBytes& writer, const Site::Delivery& delivery) {
    writer.flag(delivery.single_instance);
    writer.flag(delivery.srs);
    writer.optional(delivery.srs_domain, [&](const DomainName& name) { writer.text(name.text()); });
    writer.choice(delivery.over_quota);
    writer.list(delivery.quota_warnings, [&](unsigned percent) { writer.number(percent); });
    writer.number(delivery.max_message_size.bytes);
    for (const unsigned number : {delivery.max_recipients, delivery.max_connections, delivery.threads,
                                  delivery.max_expansion, delivery.max_depth, delivery.max_hops})
        writer.number(number);
    for (const auto time : {delivery.idle_timeout, delivery.submit_timeout})
        writer.number(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)));
    writer.text(delivery.journal);
    writer.texts(delivery.allowed_peers);
    writer.text(delivery.socket_group);
}

Site::Delivery read_delivery(RowReading& reader) {
    Site::Delivery delivery;
    delivery.single_instance = reader.flag();
    delivery.srs = reader.flag();
    delivery.srs_domain = reader.optional([&] { return reader.domain(); });
    delivery.over_quota = reader.choice(OverQuotaAnswer::defer);
    delivery.quota_warnings = reader.list([&] { return reader.small_number(); });
    delivery.max_message_size.bytes = reader.number();
    for (unsigned* number : {&delivery.max_recipients, &delivery.max_connections, &delivery.threads,
                             &delivery.max_expansion, &delivery.max_depth, &delivery.max_hops})
        *number = reader.small_number();
    for (auto* time : {&delivery.idle_timeout, &delivery.submit_timeout})
        *time = std::chrono::seconds(reader.small_number());
    delivery.journal = reader.text();
    delivery.allowed_peers = reader.texts();
    delivery.socket_group = reader.text();
    return delivery;
}

void write_candidates(RowBytes& writer, const Site::Candidates& candidates) {
    for (const std::uint64_t number :
         {std::uint64_t{candidates.names}, candidates.bytes.bytes, std::uint64_t{candidates.name_messages},
          candidates.name_bytes.bytes, static_cast<std::uint64_t>(candidates.keep.count())})
        writer.number(number);
}

Site::Candidates read_candidates(RowReading& reader) {
    Site::Candidates candidates;
    candidates.names = reader.small_number();
    candidates.bytes.bytes = reader.number();
    candidates.name_messages = reader.small_number();
    candidates.name_bytes.bytes = reader.number();
    candidates.keep = Age(reader.seconds());
    return candidates;
}

void write_nodes(RowBytes& writer, const MailNodes& nodes) {
    writer.list(nodes, [&](const MailNodes::value_type& node) {
        for (const std::string* text : {&node.first, &node.second.lmtp, &node.second.imap, &node.second.mail})
            writer.text(*text);
        writer.choice(node.second.state);
    });
}

MailNodes read_nodes_of_site(RowReading& reader) {
    const auto read = reader.list([&] {
        std::pair<std::string, MailNode> node;
        for (std::string* text : {&node.first, &node.second.lmtp, &node.second.imap, &node.second.mail})
            *text = reader.text();
        node.second.state = reader.choice(NodeState::down);
        return node;
    });
    return {read.begin(), read.end()};
}

} // namespace

std::string encode_domain(const DomainEntry& entry) {
    RowBytes writer(RowKind::domain);
    writer.text(entry.name.text());
    writer.flag(entry.suspended);
    write_unknown(writer, entry.unknown);
    writer.list(entry.patterns, [&](const Ban& ban) { write_ban(writer, ban); });
    writer.text(entry.relay_to);
    return writer.take();
}

Result<DomainEntry> decode_domain(std::string_view record) {
    RowReading reader(record, RowKind::domain);
    DomainEntry entry{.name = reader.domain(), .unknown = {}, .patterns = {}};
    entry.suspended = reader.flag();
    entry.unknown = read_unknown(reader);
    entry.patterns = reader.list([&] { return read_ban(reader); });
    entry.relay_to = reader.clean_text();
    return finished(reader, std::move(entry), "domain");
}

std::string encode_name(const NameEntry& entry) {
    return std::visit([](const auto& value) { return encode_entry(value); }, entry);
}

Result<NameEntry> decode_name(std::string_view record) {
    const auto kind = record.empty() ? RowKind::mailbox : static_cast<RowKind>(record.front());
    RowReading reader(record, kind);
    NameEntry entry = ForwardEntry{};
    switch (kind) {
    case RowKind::forward:
        entry = ForwardEntry{reader.addresses()};
        break;
    case RowKind::robot:
        entry = read_robot(reader);
        break;
    case RowKind::list:
        entry = read_list(reader);
        break;
    case RowKind::elsewhere:
        entry = ElsewhereEntry{reader.clean_text()};
        break;
    default:
        reader = RowReading(record, RowKind::mailbox);
        entry = read_mailbox(reader);
    }
    return finished(reader, std::move(entry), "name");
}

std::string encode_responder(const ResponderEntry& entry) {
    RowBytes writer(RowKind::responder);
    writer.choice(entry.kind);
    writer.texts(entry.own_names);
    for (const std::string* text : {&entry.name, &entry.from, &entry.subject, &entry.message, &entry.html})
        writer.text(*text);
    writer.texts(entry.attach);
    writer.optional(entry.start, [&](Date date) { writer.date(date); });
    writer.optional(entry.end, [&](Date date) { writer.date(date); });
    writer.number(static_cast<std::uint64_t>(entry.every.count()));
    return writer.take();
}

Result<ResponderEntry> decode_responder(std::string_view record) {
    RowReading reader(record, RowKind::responder);
    ResponderEntry entry;
    entry.kind = reader.choice(ResponderEntry::Kind::autoreply);
    entry.own_names = reader.list([&] { return reader.clean_text(); });
    for (std::string* text : {&entry.name, &entry.from, &entry.subject, &entry.message, &entry.html})
        *text = reader.text();
    entry.attach = reader.texts();
    entry.start = reader.optional([&] { return reader.date(); });
    entry.end = reader.optional([&] { return reader.date(); });
    entry.every = Age(reader.seconds());
    return finished(reader, std::move(entry), "reply");
}

std::string encode_ban(BanAnswer answer) {
    RowBytes writer(RowKind::ban);
    writer.choice(answer);
    return writer.take();
}

Result<BanAnswer> decode_ban(std::string_view record) {
    RowReading reader(record, RowKind::ban);
    const BanAnswer answer = reader.choice(BanAnswer::reject);
    return finished(reader, answer, "banished name");
}

std::string encode_mentions(const std::vector<Mention>& mentions) {
    RowBytes writer(RowKind::mentions);
    writer.list(mentions, [&](const Mention& mention) {
        writer.text(mention.local);
        writer.text(mention.holder);
    });
    return writer.take();
}

Result<std::vector<Mention>> decode_mentions(std::string_view record) {
    RowReading reader(record, RowKind::mentions);
    auto mentions = reader.list([&] {
        std::string local = reader.clean_text();
        return Mention{std::move(local), reader.clean_text()};
    });
    return finished(reader, std::move(mentions), "list of mentions");
}

std::string encode_site(const Site& site) {
    RowBytes writer(RowKind::site);
    writer.text(site.hostname.text());
    writer.optional(site.postmaster, [&](const Address& address) { writer.address(address); });
    writer.optional(site.alternate_suffix, [&](const DomainName& name) { writer.text(name.text()); });
    write_submit(writer, site.submit);
    writer.texts(site.source_ips);
    writer.text(site.time_zone);
    for (const std::string* text : {&site.addresses.delimiters, &site.addresses.local_part_characters, &site.mail.user,
                                    &site.mail.group, &site.mail.path})
        writer.text(*text);
    write_delivery(writer, site.delivery);
    for (const unsigned number : {site.replies.max_length, site.replies.per_day, site.replies.per_day_and_domain})
        writer.number(number);
    write_candidates(writer, site.candidates);
    writer.text(site.maps.type);
    writer.choice(site.maps.mode);
    writer.choice(site.maps.dovecot);
    writer.text(site.maps.postfix_config_directory);
    write_nodes(writer, site.nodes);
    return writer.take();
}

Result<Site> decode_site(std::string_view record) {
    RowReading reader(record, RowKind::site);
    Site site;
    site.hostname = reader.domain();
    site.postmaster = reader.optional([&] { return reader.address(); });
    site.alternate_suffix = reader.optional([&] { return reader.domain(); });
    site.submit = read_submit(reader);
    site.source_ips = reader.texts();
    site.time_zone = reader.text();
    for (std::string* text : {&site.addresses.delimiters, &site.addresses.local_part_characters, &site.mail.user,
                              &site.mail.group, &site.mail.path})
        *text = reader.text();
    site.delivery = read_delivery(reader);
    for (unsigned* number : {&site.replies.max_length, &site.replies.per_day, &site.replies.per_day_and_domain})
        *number = reader.small_number();
    site.candidates = read_candidates(reader);
    site.maps.type = reader.text();
    site.maps.mode = reader.choice(MapMode::postfix);
    site.maps.dovecot = reader.choice(DovecotVersion::installed);
    site.maps.postfix_config_directory = reader.text();
    site.nodes = read_nodes_of_site(reader);
    return finished(reader, std::move(site), "site");
}

} // namespace mailctl
