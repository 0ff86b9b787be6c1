// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/postgres.hpp"

#include "loaded_library.hpp"
#include "mailctl/base/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <libpq-fe.h>
#include <poll.h>

namespace mailctl {
namespace {

// Its header says what each function is.
struct LibPq {
    decltype(&::PQconnectdbParams) connect = nullptr;
    decltype(&::PQfinish) finish = nullptr;
    decltype(&::PQstatus) status = nullptr;
    decltype(&::PQerrorMessage) error_message = nullptr;
    decltype(&::PQsendQueryParams) send = nullptr;
    decltype(&::PQsetSingleRowMode) one_by_one = nullptr;
    decltype(&::PQgetResult) get_result = nullptr;
    decltype(&::PQresultStatus) result_status = nullptr;
    decltype(&::PQresultErrorField) error_field = nullptr;
    decltype(&::PQclear) clear = nullptr;
    decltype(&::PQntuples) count = nullptr;
    decltype(&::PQgetvalue) value = nullptr;
    decltype(&::PQgetlength) length = nullptr;
    decltype(&::PQgetisnull) is_null = nullptr;
    decltype(&::PQputCopyData) put = nullptr;
    decltype(&::PQputCopyEnd) put_end = nullptr;
    decltype(&::PQsocket) socket = nullptr;
    decltype(&::PQconsumeInput) consume = nullptr;
    decltype(&::PQnotifies) notifies = nullptr;
    decltype(&::PQfreemem) free_memory = nullptr;
    decltype(&::PQcancel) cancel = nullptr;
    decltype(&::PQgetCancel) get_cancel = nullptr;
    decltype(&::PQfreeCancel) free_cancel = nullptr;
    decltype(&::PQsetNoticeProcessor) set_notices = nullptr;
    std::string trouble; // "" = all of it is there

    LibPq() {
        LoadedLibrary library("libpq.so.5");
        library.bind("PQconnectdbParams", connect);
        library.bind("PQfinish", finish);
        library.bind("PQstatus", status);
        library.bind("PQerrorMessage", error_message);
        library.bind("PQsendQueryParams", send);
        library.bind("PQsetSingleRowMode", one_by_one);
        library.bind("PQgetResult", get_result);
        library.bind("PQresultStatus", result_status);
        library.bind("PQresultErrorField", error_field);
        library.bind("PQclear", clear);
        library.bind("PQntuples", count);
        library.bind("PQgetvalue", value);
        library.bind("PQgetlength", length);
        library.bind("PQgetisnull", is_null);
        library.bind("PQputCopyData", put);
        library.bind("PQputCopyEnd", put_end);
        library.bind("PQsocket", socket);
        library.bind("PQconsumeInput", consume);
        library.bind("PQnotifies", notifies);
        library.bind("PQfreemem", free_memory);
        library.bind("PQcancel", cancel);
        library.bind("PQgetCancel", get_cancel);
        library.bind("PQfreeCancel", free_cancel);
        library.bind("PQsetNoticeProcessor", set_notices);
        trouble = library.trouble();
    }
};

const LibPq& pq() {
    static const LibPq library;
    return library;
}

PGconn* raw(const auto& connection) { return static_cast<PGconn*>(connection.get()); }

struct ResultEnd {
    void operator()(PGresult* result) const { pq().clear(result); }
};
using PgResult = std::unique_ptr<PGresult, ResultEnd>;

// libpq's messages have several lines and end with one.
std::string one_line(std::string_view message) {
    std::string text;
    for (const auto line : split(message, '\n'))
        if (const auto words = trim(line); !words.empty()) {
            if (!text.empty()) text += "; ";
            text += words;
        }
    return printable(text);
}

// Classes of SQLSTATE after which the same may succeed: connection, rollback, resources, intervention, system, locks.
bool may_pass(std::string_view state) {
    for (const auto* prefix : {"08", "40", "53", "57", "58", "55P03", "25006"})
        if (state.starts_with(prefix)) return true;
    return state.empty();
}

std::string hint_of(std::string_view state) {
    if (state == "3F000" || state == "42P01") return "make the tables: mailctl publish --init | psql DATABASE";
    if (state == "42501") return "give the role its rights: mailctl publish --init shows them";
    return {};
}

const PGresult* raw_result(const void* result) { return static_cast<const PGresult*>(result); }

// Lets a server that answers no more be found out: ours unless the connection string says otherwise, which stands
// behind them.
Result<PGconn*> connect(const std::string& database, bool writes) {
    if (!pq().trouble.empty())
        return fail(ErrorKind::failed, fmt::format("PostgreSQL's client library cannot be used: {}", pq().trouble),
                    "install the package mailctl-postgresql, or libpq5");
    const std::array names{"connect_timeout",           "keepalives_idle",
                           "keepalives_interval",       "keepalives_count",
                           "tcp_user_timeout",          "client_encoding",
                           "target_session_attrs",      "dbname",
                           "fallback_application_name", static_cast<const char*>(nullptr)};
    const std::array values{"10",
                            "30",
                            "10",
                            "3",
                            "60000",
                            "UTF8",
                            writes ? "read-write" : "any",
                            database.c_str(),
                            "mailctl",
                            static_cast<const char*>(nullptr)};
    return pq().connect(names.data(), values.data(), 1);
}

} // namespace

SqlValue SqlValue::bytes(std::string value) {
    SqlValue bound(std::move(value));
    bound.is_bytes = true;
    return bound;
}

std::string_view PostgresRow::text(int column) const {
    const PGresult* result = raw_result(result_);
    return {pq().value(result, row_, column), static_cast<std::size_t>(pq().length(result, row_, column))};
}

bool PostgresRow::is_null(int column) const { return pq().is_null(raw_result(result_), row_, column) != 0; }

std::int64_t PostgresRow::integer(int column) const {
    std::int64_t number = 0;
    const auto digits = text(column);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

bool PostgresRow::flag(int column) const { return text(column) == "t"; }

Result<std::string> PostgresRow::bytes(int column) const {
    const auto shown = text(column);
    const auto broken = [] { return fail(ErrorKind::failed, "the database answered with bytes that are none"); };
    if (is_null(column)) return std::string();
    if (!shown.starts_with("\\x") || shown.size() % 2 != 0) return broken();
    std::string bytes;
    bytes.reserve(shown.size() / 2);
    for (std::size_t at = 2; at < shown.size(); at += 2) {
        unsigned byte = 0;
        const auto [end, error] = std::from_chars(shown.data() + at, shown.data() + at + 2, byte, 16);
        if (error != std::errc{} || end != shown.data() + at + 2) return broken();
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

void Postgres::End::operator()(void* connection) const { pq().finish(static_cast<PGconn*>(connection)); }

Result<Postgres> Postgres::open(const std::string& database, For purpose) {
    TRY_ASSIGN(PGconn * connected, connect(database, purpose == For::writing));
    Postgres connection(connected);
    if (!connected) return fail(ErrorKind::temporary, "no memory for a connection to the database");
    if (pq().status(connected) != CONNECTION_OK)
        return fail(ErrorKind::temporary,
                    fmt::format("cannot connect to the database: {}", one_line(pq().error_message(connected))),
                    "is the server running, and is 'publish.database' right?");
    pq().set_notices(
        connected, [](void*, const char*) {}, nullptr);
    return connection;
}

Error Postgres::error_of(void* result, std::string_view activity) const {
    const char* state = result ? pq().error_field(static_cast<PGresult*>(result), PG_DIAG_SQLSTATE) : nullptr;
    const char* said = result ? pq().error_field(static_cast<PGresult*>(result), PG_DIAG_MESSAGE_PRIMARY) : nullptr;
    const bool is_broken = pq().status(raw(connection_)) != CONNECTION_OK;
    const std::string message = one_line(said ? said : pq().error_message(raw(connection_)));
    const std::string_view code = state ? state : "";
    return {is_broken || may_pass(code) ? ErrorKind::temporary : ErrorKind::failed,
            fmt::format("{}: {}", activity, message.empty() ? "the database gave no answer" : message), hint_of(code),
            0};
}

Status Postgres::each(const std::string& statement, std::span<const SqlValue> values, const RowReader& read) {
    std::vector<const char*> texts;
    std::vector<int> lengths, formats;
    for (const auto& value : values) {
        texts.push_back(value.text ? value.text->c_str() : nullptr);
        lengths.push_back(value.text ? static_cast<int>(value.text->size()) : 0);
        formats.push_back(value.is_bytes ? 1 : 0);
    }
    PGconn* connection = raw(connection_);
    if (!pq().send(connection, statement.c_str(), static_cast<int>(values.size()), nullptr, texts.data(),
                   lengths.data(), formats.data(), 0))
        return fail(error_of(nullptr, "the database"));
    pq().one_by_one(connection);
    Status status;
    while (const PgResult result{pq().get_result(connection)}) {
        const auto outcome = pq().result_status(result.get());
        const bool is_good = outcome == PGRES_SINGLE_TUPLE || outcome == PGRES_TUPLES_OK || outcome == PGRES_COMMAND_OK;
        if (outcome == PGRES_COPY_IN) return {}; // whoever asked for it goes on with copy_in
        if (!is_good && status) status = fail(error_of(result.get(), "the database"));
        if (outcome == PGRES_SINGLE_TUPLE && status) status = read(PostgresRow(result.get(), 0));
    }
    return status;
}

Status Postgres::run(const std::string& statement, std::span<const SqlValue> values) {
    return each(statement, values, [](const PostgresRow&) -> Status { return {}; });
}

Status Postgres::copy_in(const std::string& statement, const std::function<bool(std::string&)>& next) {
    TRY(run(statement));
    PGconn* connection = raw(connection_);
    constexpr std::size_t enough = std::size_t{256} << 10;
    std::string lines, line;
    bool more = true;
    while (more) {
        more = next(line);
        if (more) lines.append(line).append("\n");
        if (lines.size() < enough && more) continue;
        if (!lines.empty() && pq().put(connection, lines.data(), static_cast<int>(lines.size())) != 1)
            return fail(error_of(nullptr, "the database"));
        lines.clear();
    }
    if (pq().put_end(connection, nullptr) != 1) return fail(error_of(nullptr, "the database"));
    Status status;
    while (const PgResult result{pq().get_result(connection)})
        if (pq().result_status(result.get()) != PGRES_COMMAND_OK && status)
            status = fail(error_of(result.get(), "the database"));
    return status;
}

std::string Postgres::copy_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '\t' || c == '\n' || c == '\r') out += '\\';
        out += c == '\t' ? 't' : c == '\n' ? 'n' : c == '\r' ? 'r' : c;
    }
    return out;
}

std::string Postgres::copy_bytes(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\\\\x";
    out.reserve(out.size() + bytes.size() * 2);
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

Result<bool> Postgres::wait(std::chrono::milliseconds time) {
    PGconn* connection = raw(connection_);
    const auto end = std::chrono::steady_clock::now() + time;
    for (;;) {
        if (!pq().consume(connection)) return fail(error_of(nullptr, "the database"));
        bool came = false;
        while (PGnotify* notification = pq().notifies(connection)) {
            pq().free_memory(notification);
            came = true;
        }
        if (came) return true;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd waiting{pq().socket(connection), POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(left.count())) < 0 && errno == EINTR)
            return false; // a signal is the caller's to look at
    }
}

} // namespace mailctl
