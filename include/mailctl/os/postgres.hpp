// SPDX-License-Identifier: Apache-2.0
// A connection to PostgreSQL. libpq is loaded when the first one is made, so that a host that publishes nothing needs
// none. Everything blocks, within the time-outs that the connection string says or those of `open`. An Error is
// temporary where trying again may help: the server is down or going down, the connection broke, a lock was not
// obtained; anything else that the server refuses is `failed`, with the server's own words.
#pragma once

#include "mailctl/base/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mailctl {

// A value of a statement: text, or bytes of a bytea. nullopt: NULL.
struct SqlValue {
    std::optional<std::string> text;
    bool is_bytes = false;
    SqlValue(std::string value) : text(std::move(value)) {}
    SqlValue(const char* value) : text(value) {}
    SqlValue(std::int64_t value) : text(std::to_string(value)) {}
    SqlValue(std::nullopt_t) {}
    [[nodiscard]] static SqlValue bytes(std::string value);
};

// One row of an answer: texts, as the server writes them. NULL is "".
class PostgresRow {
  public:
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const; // 0 for what is none
    [[nodiscard]] bool flag(int column) const;
    [[nodiscard]] Result<std::string> bytes(int column) const; // of a bytea

  private:
    friend class Postgres;
    PostgresRow(const void* result, int row) : result_(result), row_(row) {}
    const void* result_;
    int row_;
};

class Postgres {
  public:
    enum class For { writing, reading }; // writing: a server that is a standby is passed over
    // `database` is a connection string; host, time-outs and such that it does not say have defaults of ours.
    [[nodiscard]] static Result<Postgres> open(const std::string& database, For purpose);

    using RowReader = std::function<Status(const PostgresRow&)>;
    // Each row of the answer, as it comes: an answer may be larger than memory. An Error of `read` ends it.
    [[nodiscard]] Status each(const std::string& statement, std::span<const SqlValue> values, const RowReader& read);
    [[nodiscard]] Status run(const std::string& statement, std::span<const SqlValue> values = {});
    // One line per row: values joined with tabs, each through copy_text or copy_bytes. `next` says false at the end.
    [[nodiscard]] Status copy_in(const std::string& statement, const std::function<bool(std::string& line)>& next);
    [[nodiscard]] static std::string copy_text(std::string_view text);
    [[nodiscard]] static std::string copy_bytes(std::string_view bytes);

    // Waits for a notification on a channel that LISTEN named. False: none came in that time.
    [[nodiscard]] Result<bool> wait(std::chrono::milliseconds time);

    Postgres(Postgres&&) noexcept = default;
    Postgres& operator=(Postgres&&) noexcept = default;

  private:
    struct End {
        void operator()(void* connection) const;
    };
    explicit Postgres(void* connection) : connection_(connection) {}
    [[nodiscard]] Error error_of(void* result, std::string_view activity) const;

    std::unique_ptr<void, End> connection_;
};

} // namespace mailctl
