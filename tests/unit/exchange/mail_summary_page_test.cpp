// SPDX-License-Identifier: Apache-2.0
#include "mailctl/exchange/logs/mail_summary.hpp"

#include <doctest/doctest.h>

using namespace mailctl;

namespace {

const Instant day_begins = Instant(std::chrono::sys_days(std::chrono::year(2026) / 11 / 28));

struct PageRow {
    std::string sender, recipient, answer;
    int count = 1;
    double delay = 1;
};

std::string page_of(const std::vector<PageRow>& rows, std::string_view about = "mx.example.org") {
    MailSummary summary(day_begins, day_begins + std::chrono::hours(24));
    for (const auto& each : rows) {
        MailRow row;
        row.time = day_begins + std::chrono::hours(5);
        row.recipient = each.recipient;
        row.has_recipient = true;
        row.status = MailStatus::bounced;
        for (int i = 0; i < each.count; ++i)
            summary.add(row, each.sender, 100, "mx.far.example[192.0.2.1]:25", each.answer, each.delay);
    }
    return compose_summary_page(summary, about, day_begins);
}

bool page_says(const std::string& page, std::string_view words) { return page.find(words) != std::string::npos; }

} // namespace

TEST_CASE("a page of mail: what others wrote is text in it, wherever it stands") {
    const std::string hostile = R"("<script>alert('1')</script>&amp;"@far.example)";
    const auto page = page_of({{hostile, hostile, "550 <img src=x onerror=alert(1)> & \"more\""}}, "</title><script>");
    CHECK_FALSE(page_says(page, "<script"));
    CHECK_FALSE(page_says(page, "<img"));
    CHECK(page_says(page, "&quot;&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp;&quot;@far.example"));
    CHECK_FALSE(page_says(page, "http"));
}

TEST_CASE("a page of mail: the largest of a list has the whole bar, and none has no bar") {
    const auto page = page_of({{"a@x", "b@y", "550 no", 3}, {"c@x", "b@y", "550 no", 1}});
    CHECK(page_says(page, "<td>a@x</td><td class=\"n\">3</td><td class=\"b\"><span style=\"width:100.0%"));
    CHECK(page_says(page, "<td>c@x</td><td class=\"n\">1</td><td class=\"b\"><span style=\"width:33.3%"));
    CHECK(page_says(page, "<td>up to 30 s</td><td class=\"n\">0</td><td class=\"b\"></td>"));
}

TEST_CASE("a page of mail: heights are told in full, and delays in what fits them") {
    CHECK(page_says(page_of({{"a@x", "b@y", "550 no", 1200}}), ">2,000</text>"));
    CHECK(page_says(page_of({{"a@x", "b@y", "550 no", 1, 90}}), ">100 s</text>"));
    CHECK(page_says(page_of({{"a@x", "b@y", "550 no", 1, 600}}), ">10 min</text>"));
    CHECK(page_says(page_of({{"a@x", "b@y", "550 no", 1, 5 * 3600}}), ">5 h</text>"));
    CHECK(page_says(page_of({{"a@x", "b@y", "550 no", 1, 432'000}}), ">5 d</text>"));
}
