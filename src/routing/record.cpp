// Integers are LEB128 (seven bits a byte, low end first), strings and lists carry their count before them, and the
// first byte of a row says what it is. A row must be used up exactly.
#include "mailctl/routing/record.hpp"

#include <algorithm>
#include <utility>

namespace mailctl {

namespace {

enum class RowKind : unsigned char { domain = 'D', mailbox = 'M', forward = 'F', pending = 'P', ban = 'B', site = 'S' };

// Dates count from here, so that none that can be written in TOML is negative.
constexpr std::chrono::sys_days year_zero{std::chrono::year{0} / std::chrono::January / 1};

class Writer {
  public:
    explicit Writer(RowKind kind) { row_ += static_cast<char>(kind); }
    void number(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            row_ += static_cast<char>((value & 0x7f) | 0x80);
        row_ += static_cast<char>(value);
    }
    void flag(bool value) { number(value ? 1 : 0); }
    template <class Enum>
    void choice(Enum value) {
        number(static_cast<std::uint64_t>(value));
    }
    void text(std::string_view value) {
        number(value.size());
        row_ += value;
    }
    void address(const Address& value) {
        text(value.local.text());
        text(value.domain.text());
    }
    template <class Value, class Write>
    void optional(const std::optional<Value>& value, Write write) {
        flag(value.has_value());
        if (value) write(*value);
    }
    template <class Values, class Write>
    void list(const Values& values, Write write) {
        number(values.size());
        for (const auto& value : values)
            write(value);
    }
    void addresses(const std::vector<Address>& values) {
        list(values, [this](const Address& value) { address(value); });
    }
    void texts(const std::vector<std::string>& values) {
        list(values, [this](const std::string& value) { text(value); });
    }
    std::string take() { return std::move(row_); }

  private:
    std::string row_;
};

// After the first thing that does not fit everything reads as empty; whole() at the end tells.
class Reader {
  public:
    Reader(std::string_view row, RowKind kind) : rest_(row) { good_ = byte() == static_cast<unsigned char>(kind); }
    [[nodiscard]] bool whole() const { return good_ && rest_.empty(); }
    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const unsigned bits = byte();
            value |= std::uint64_t{bits & 0x7f} << shift;
            if (shift == 63 && bits > 1) break; // would not fit 64 bits
            if (bits < 0x80) return good_ ? value : 0;
        }
        good_ = false;
        return 0;
    }
    unsigned small_number() { return bounded<unsigned>(0xffffffffU); }
    bool flag() { return bounded<unsigned>(1) == 1; }
    template <class Enum>
    Enum choice(Enum last) {
        return static_cast<Enum>(bounded<std::uint64_t>(static_cast<std::uint64_t>(last)));
    }
    std::string text() {
        const std::uint64_t size = number();
        good_ = good_ && size <= rest_.size();
        if (!good_) return {};
        std::string value(rest_.substr(0, size));
        rest_.remove_prefix(size);
        return value;
    }
    std::string clean_text() {
        std::string value = text();
        good_ = good_ && is_clean(value);
        return value;
    }
    DomainName domain() {
        std::string name = clean_text();
        good_ = good_ && !name.empty() && name.find_first_of(" /") == std::string::npos;
        return DomainName::from_trusted(good_ ? std::move(name) : "invalid");
    }
    Address address() {
        std::string local = clean_text();
        return {LocalPart::from_trusted(std::move(local)), domain()};
    }
    template <class Read>
    auto optional(Read read) {
        using Value = decltype(read());
        return flag() ? std::optional<Value>(read()) : std::nullopt;
    }
    template <class Read>
    auto list(Read read) {
        std::vector<decltype(read())> values;
        // Never reserved by the count: a damaged one must not take memory. Each element uses a byte or spoils good_.
        for (std::uint64_t left = number(); left > 0 && good_; --left)
            values.push_back(read());
        return values;
    }
    std::vector<Address> addresses() {
        return list([this] { return address(); });
    }
    std::vector<std::string> texts() {
        return list([this] { return text(); });
    }
    Date date() {
        const auto days = static_cast<int>(bounded<unsigned>(12'000'000)); // year_month_day ends with the year 32767
        return std::chrono::sys_days(year_zero + std::chrono::days(days));
    }

  private:
    unsigned byte() {
        good_ = good_ && !rest_.empty();
        if (!good_) return 0;
        const auto value = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    template <class Number>
    Number bounded(std::uint64_t last) {
        const std::uint64_t value = number();
        good_ = good_ && value <= last;
        return good_ ? static_cast<Number>(value) : Number{};
    }
    static bool is_clean(std::string_view bytes) {
        return std::ranges::none_of(bytes, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    }
    std::string_view rest_;
    bool good_ = true;
};

template <class Value>
Result<Value> finished(const Reader& reader, Value value, std::string_view what) {
    if (!reader.whole())
        return fail(ErrorKind::temporary, "the compiled directory holds a damaged " + std::string(what),
                    "mailctl apply");
    return value;
}

void write_unknown(Writer& writer, const UnknownAction& action) {
    writer.choice(action.kind);
    writer.addresses(action.to);
    writer.optional(action.domain, [&](const DomainName& name) { writer.text(name.text()); });
}

UnknownAction read_unknown(Reader& reader) {
    UnknownAction action;
    action.kind = reader.choice(UnknownAction::Kind::candidate);
    action.to = reader.addresses();
    action.domain = reader.optional([&] { return reader.domain(); });
    return action;
}

void write_ban(Writer& writer, const Ban& ban) {
    writer.text(ban.name);
    writer.choice(ban.answer);
}

Ban read_ban(Reader& reader) {
    std::string name = reader.text();
    return {std::move(name), reader.choice(BanAnswer::reject)};
}

void write_suspension(Writer& writer, const Suspension& suspension) {
    writer.flag(suspension.login);
    writer.choice(suspension.receive);
    writer.text(suspension.reason);
    writer.optional(suspension.until, [&](Date date) {
        writer.number(static_cast<std::uint64_t>((std::chrono::sys_days(date) - year_zero).count()));
    });
}

Suspension read_suspension(Reader& reader) {
    Suspension suspension;
    suspension.login = reader.flag();
    suspension.receive = reader.choice(SuspendedReceive::hold);
    suspension.reason = reader.text();
    suspension.until = reader.optional([&] { return reader.date(); });
    return suspension;
}

std::string encode_entry(const MailboxEntry& entry) {
    Writer writer(RowKind::mailbox);
    writer.text(entry.mailbox);
    writer.number(entry.quota.bytes);
    writer.flag(entry.store);
    writer.addresses(entry.forward);
    writer.optional(entry.suspend, [&](const Suspension& suspension) { write_suspension(writer, suspension); });
    return writer.take();
}

std::string encode_entry(const ForwardEntry& entry) {
    Writer writer(RowKind::forward);
    writer.addresses(entry.to);
    return writer.take();
}

std::string encode_entry(const PendingEntry& entry) {
    Writer writer(RowKind::pending);
    writer.choice(entry.kind);
    return writer.take();
}

MailboxEntry read_mailbox(Reader& reader) {
    MailboxEntry entry;
    entry.mailbox = reader.clean_text();
    entry.quota.bytes = reader.number();
    entry.store = reader.flag();
    entry.forward = reader.addresses();
    entry.suspend = reader.optional([&] { return read_suspension(reader); });
    return entry;
}

void write_submit(Writer& writer, const Submit& submit) {
    writer.number(submit.index());
    if (const auto* sendmail = std::get_if<SubmitBySendmail>(&submit)) writer.text(sendmail->program);
    if (const auto* smtp = std::get_if<SubmitBySmtp>(&submit)) {
        writer.text(smtp->host);
        writer.number(smtp->port);
    }
}

Submit read_submit(Reader& reader) {
    if (!reader.flag()) return SubmitBySendmail{reader.text()};
    SubmitBySmtp smtp;
    smtp.host = reader.text();
    smtp.port = static_cast<unsigned short>(reader.small_number());
    return smtp;
}

void write_delivery(Writer& writer, const Site::Delivery& delivery) {
    writer.flag(delivery.single_instance);
    writer.flag(delivery.srs);
    writer.optional(delivery.srs_domain, [&](const DomainName& name) { writer.text(name.text()); });
    writer.choice(delivery.over_quota);
    writer.number(delivery.max_message_size.bytes);
    for (const unsigned number : {delivery.max_recipients, delivery.max_connections, delivery.threads,
                                  delivery.max_expansion, delivery.max_depth, delivery.max_hops})
        writer.number(number);
    writer.number(static_cast<std::uint64_t>(std::max<std::int64_t>(delivery.idle_timeout.count(), 0)));
    writer.text(delivery.journal);
    writer.texts(delivery.allowed_peers);
    writer.text(delivery.socket_group);
}

Site::Delivery read_delivery(Reader& reader) {
    Site::Delivery delivery;
    delivery.single_instance = reader.flag();
    delivery.srs = reader.flag();
    delivery.srs_domain = reader.optional([&] { return reader.domain(); });
    delivery.over_quota = reader.choice(OverQuotaAnswer::defer);
    delivery.max_message_size.bytes = reader.number();
    for (unsigned* number : {&delivery.max_recipients, &delivery.max_connections, &delivery.threads,
                             &delivery.max_expansion, &delivery.max_depth, &delivery.max_hops})
        *number = reader.small_number();
    delivery.idle_timeout = std::chrono::seconds(reader.small_number());
    delivery.journal = reader.text();
    delivery.allowed_peers = reader.texts();
    delivery.socket_group = reader.text();
    return delivery;
}

} // namespace

std::string encode_domain(const DomainEntry& entry) {
    Writer writer(RowKind::domain);
    writer.text(entry.name.text());
    writer.flag(entry.suspended);
    write_unknown(writer, entry.unknown);
    writer.list(entry.patterns, [&](const Ban& ban) { write_ban(writer, ban); });
    return writer.take();
}

Result<DomainEntry> decode_domain(std::string_view record) {
    Reader reader(record, RowKind::domain);
    DomainEntry entry{.name = reader.domain(), .unknown = {}, .patterns = {}};
    entry.suspended = reader.flag();
    entry.unknown = read_unknown(reader);
    entry.patterns = reader.list([&] { return read_ban(reader); });
    return finished(reader, std::move(entry), "domain");
}

std::string encode_name(const NameEntry& entry) {
    return std::visit([](const auto& value) { return encode_entry(value); }, entry);
}

Result<NameEntry> decode_name(std::string_view record) {
    const auto kind = record.empty() ? RowKind::pending : static_cast<RowKind>(record.front());
    Reader reader(record, kind);
    NameEntry entry = PendingEntry{};
    if (kind == RowKind::mailbox)
        entry = read_mailbox(reader);
    else if (kind == RowKind::forward)
        entry = ForwardEntry{reader.addresses()};
    else if (kind == RowKind::pending)
        entry = PendingEntry{reader.choice(PendingEntry::Kind::list)};
    else
        reader = Reader(record, RowKind::pending);
    return finished(reader, std::move(entry), "name");
}

std::string encode_ban(BanAnswer answer) {
    Writer writer(RowKind::ban);
    writer.choice(answer);
    return writer.take();
}

Result<BanAnswer> decode_ban(std::string_view record) {
    Reader reader(record, RowKind::ban);
    const BanAnswer answer = reader.choice(BanAnswer::reject);
    return finished(reader, answer, "banished name");
}

std::string encode_site(const Site& site) {
    Writer writer(RowKind::site);
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
    writer.text(site.maps.type);
    writer.choice(site.maps.mode);
    writer.choice(site.maps.dovecot);
    writer.text(site.maps.postfix_config_directory);
    return writer.take();
}

Result<Site> decode_site(std::string_view record) {
    Reader reader(record, RowKind::site);
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
    site.maps.type = reader.text();
    site.maps.mode = reader.choice(MapMode::postfix);
    site.maps.dovecot = reader.choice(DovecotVersion::v24);
    site.maps.postfix_config_directory = reader.text();
    return finished(reader, std::move(site), "site");
}

} // namespace mailctl
