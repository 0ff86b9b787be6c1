// SPDX-License-Identifier: Apache-2.0
#include "transfer/dovecot_fields.hpp"
#include "transfer/dovecot_quota.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

std::string dovecot_size_of(std::string_view text, QuotaUnit unit = QuotaUnit::bytes) {
    return dovecot_size(text, unit).value_or("none");
}

// "column=value" of each cell, then how much is left out and whether something is wrong.
std::string fields_told(std::string_view extra) {
    const auto fields = read_dovecot_fields(extra);
    std::string text;
    for (const auto& [column, value] : fields.cells)
        text += column + "=" + value + " ";
    return text + std::to_string(fields.left_out.size()) + (fields.problem ? " wrong" : "");
}

} // namespace

TEST_CASE("sizes as Dovecot reads them") {
    CHECK(dovecot_size_of("5G") == "5G");
    CHECK(dovecot_size_of("1GB") == "1G");
    CHECK(dovecot_size_of("1gib") == "1g");
    CHECK(dovecot_size_of("100") == "100");
    CHECK(dovecot_size_of("100", QuotaUnit::kibibytes) == "100 KiB");
    CHECK(dovecot_size_of("7B", QuotaUnit::kibibytes) == "7");
    CHECK(dovecot_size_of("000") == "0");
    for (const char* text : {"", "G", "1.5G", "-5M", "+5M", "10%", "5 G", "5X", "1Gx", "99999999999999999999"})
        CHECK_MESSAGE(dovecot_size_of(text) == "none", text);
}

TEST_CASE("quota rules and fields") {
    CHECK(fields_told("userdb_quota_rule=*:storage=1G:messages=5000") == "quota=1G 1");
    CHECK(fields_told("userdb_quota_rule=*:messages=1000") == "1");
    CHECK(fields_told("userdb_quota_rule=Trash:storage=+10M userdb_quota_rule2=*:bytes=2048") == "quota=2048 1");
    CHECK(fields_told("userdb_quota_rule=*:storage=1G userdb_quota_rule3=*:storage=2G") == "quota=1G 1");
    CHECK(fields_told("userdb_quota_rule=*:storage=5G userdb_quota_rule=*:storage=6G") == "quota=6G 0");
    CHECK(fields_told("userdb_quota_rule=*:ignore") == "1");
    CHECK(fields_told("userdb_quota_rule=*:storage=5X") == "0 wrong");
    CHECK(fields_told("userdb_quota_rule=1G") == "0 wrong");
    CHECK(fields_told("quota_rule=*:storage=1G") == "1");
    CHECK(fields_told("userdb_quota_storage_size=unlimited x=y") == "quota=0 1");
    CHECK(fields_told("nologin=no\tuserdb_quota_rule=*:bytes=1M") ==
          "quota=1M suspend_login=true suspend_receive=accept suspend_reason=no login 0");
    CHECK(fields_told(" ") == "0");
}
