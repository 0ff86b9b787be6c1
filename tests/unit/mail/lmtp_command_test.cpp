// SPDX-License-Identifier: Apache-2.0
#include "mailctl/mail/lmtp_command.hpp"

#include "mailctl/base/text.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace mailctl;

namespace {

const DomainName hostname = DomainName::from_trusted("mx.example.org");

template <class T>
const T& value(const LmtpParsed<T>& parsed) {
    if (auto* refusal = std::get_if<LmtpReply>(&parsed)) FAIL("refused: ", refusal->code, " ", refusal->text);
    return std::get<T>(parsed);
}
template <class T>
std::string refusal(const LmtpParsed<T>& parsed) {
    auto* reply = std::get_if<LmtpReply>(&parsed);
    return reply ? std::to_string(reply->code) + " " + reply->enhanced : "accepted";
}
std::string sender(std::string_view argument) {
    return sender_text(value(parse_mail_argument(argument, hostname)).sender);
}
RcptArgument rcpt(std::string_view argument) { return value(parse_rcpt_argument(argument, hostname, MailIs::ascii)); }
std::string rcpt_refusal(std::string_view argument) {
    return refusal(parse_rcpt_argument(argument, hostname, MailIs::ascii));
}

} // namespace

TEST_CASE("a command line is a verb of letters and its argument") {
    const auto command = value(parse_command_line("MaIl FROM:<> \t \r"));
    CHECK(command.verb == "mail");
    CHECK(command.argument == "FROM:<>");
    CHECK(value(parse_command_line("QUIT\r")).argument.empty());
    for (const char* bad : {"QUIT", "\r", " QUIT\r", "MAIL  FROM:<>\r", "M4IL\r", "QUIT\tx\r"})
        CHECK_MESSAGE(refusal(parse_command_line(bad)) == "500 5.5.2", bad);
    CHECK(refusal(parse_command_line(std::string("NOOP \0\r", 7))) == "500 5.5.2");
    CHECK(refusal(parse_command_line("NOOP \xc3\r")) == "500 5.5.2"); // CVE-2020-7046: UTF-8 cut short
    CHECK(refusal(parse_command_line("NOOP a\x01\r")) == "501 5.5.4");
    CHECK(refusal(parse_command_line("NOOP a\rb\r")) == "501 5.5.4");
}

TEST_CASE("senders: null, quoted, routed, literal") {
    CHECK_FALSE(value(parse_mail_argument("FROM:<>", hostname)).sender.has_value());
    CHECK(sender("from:<a@b.example>") == "a@b.example");
    CHECK(sender("FROM:<\"a b\"@b.example>") == "\"a b\"@b.example");
    CHECK(sender("FROM:<\"a\\\"b\"@b.example>") == "\"a\\\"b\"@b.example");
    CHECK(sender("FROM:<\"@\"@b.example>") == "\"@\"@b.example");
    CHECK(sender("FROM:<\">\"@b.example>") == "\">\"@b.example");
    CHECK(sender("FROM:<\"\"@b.example>") == "\"\"@b.example"); // CVE-2020-10967
    CHECK(sender("FROM:<@x.example,@y.example:a@b.example>") == "a@b.example");
    CHECK(sender("FROM:<@[IPv6:2001:db8::1]:a@b.example>") == "a@b.example");
    CHECK(sender("FROM:<a@[192.0.2.1]>") == "a@[192.0.2.1]");
    CHECK(sender("FROM:<.a..b.@b.example>") == "\".a..b.\"@b.example");
}

TEST_CASE("what is no path is refused as syntax, what is no address as a bad address") {
    for (const char* bad : {"", "FROM", "FROM:", "FROM:a@b.example", "FROM: <a@b.example>", "FROM:<a@b.example",
                            "FROM:<a@b.example>x", "FROM:<<a@b.example>>", "FROM:<\"a@b.example>", "TO:<a@b.example>",
                            "FROM:<a@b.example> ", "FROM:<a@b.example>  SIZE=1", "FROM:<a@b.example> =1"})
        CHECK_MESSAGE(refusal(parse_mail_argument(bad, hostname)) == "501 5.5.4", bad);
    CHECK(refusal(parse_mail_argument("FROM:<" + std::string(2049, 'a') + ">", hostname)) == "501 5.1.7");
}

TEST_CASE("a sender that some MTA took is kept, and written so that it can be read again") {
    const std::string longest(300, 'x');
    struct Row {
        std::string given, kept;
    };
    for (const auto& [given, kept] :
         std::initializer_list<Row>{{"news@mail_out.far.example", "news@mail_out.far.example"},
                                    {"a@xn--i-7iq.ws", "a@xn--i-7iq.ws"},
                                    {"a@-b-.example", "a@-b-.example"},
                                    {longest + "@b.example", longest + "@b.example"},
                                    {"#@[]", "#@[]"},
                                    {"a", "a@mx.example.org"},
                                    {"@b.example", "\"\"@b.example"},
                                    {"a@", "\"a@\"@mx.example.org"},
                                    {"a b@b.example", "\"a b\"@b.example"},
                                    {"a@b@c.example", "\"a@b\"@c.example"},
                                    {"@x.example:", "\"\"@x.example:"},
                                    {"@x_y.example:a@b.example", "a@b.example"},
                                    {"@x y:a@b.example", "\"@x y:a\"@b.example"},
                                    {"a@b..example", "a@b..example"},
                                    {"a@b.example.", "a@b.example."},
                                    {";reboot;@", "\";reboot;@\"@mx.example.org"},
                                    {"a@b/../c", "\"a@b/../c\"@mx.example.org"}}) {
        CHECK(sender("FROM:<" + given + ">") == kept);
        CHECK(sender("FROM:<" + kept + ">") == kept);
    }
}

TEST_CASE("parameters of MAIL") {
    const auto mail = value(parse_mail_argument("FROM:<a@b.example> SIZE=18446744073709551615 BODY=7BIT", hostname));
    CHECK(mail.size == ByteCount{18446744073709551615ULL});
    CHECK_FALSE(mail.body_8bit);
    CHECK(value(parse_mail_argument("FROM:<> body=8BitMime", hostname)).body_8bit);
    CHECK(value(parse_mail_argument("FROM:<> smtputf8", hostname)).smtputf8);
    for (const char* bad : {"SIZE", "SIZE=", "SIZE=x", "SIZE=+1", "SIZE=-1", "SIZE=18446744073709551616", "SIZE=1x",
                            "BODY", "BODY=", "BODY=X", "SMTPUTF8=1", "SIZE=1 size=1", "SIZE=1=1"})
        CHECK_MESSAGE(refusal(parse_mail_argument("FROM:<> " + std::string(bad), hostname)) == "501 5.5.4", bad);
    for (const char* unknown : {"RET=FULL", "ENVID=x", "BODY=BINARYMIME", "XSHELL", "AUTH=<>"})
        CHECK_MESSAGE(refusal(parse_mail_argument("FROM:<> " + std::string(unknown), hostname)) == "555 5.5.4",
                      unknown);
}

TEST_CASE("a non-ASCII address needs SMTPUTF8") {
    CHECK(refusal(parse_mail_argument("FROM:<jürgen@b.example>", hostname)) == "553 5.6.7");
    CHECK(refusal(parse_mail_argument("FROM:<a@bücher.example>", hostname)) == "553 5.6.7");
    CHECK(sender("FROM:<jürgen@bücher.example> SMTPUTF8") == "jürgen@xn--bcher-kva.example");
    CHECK(rcpt_refusal("TO:<jürgen@b.example>") == "553 5.6.7");
    CHECK(value(parse_rcpt_argument("TO:<jürgen@b.example>", hostname, MailIs::smtputf8)).recipient.text() ==
          "jürgen@b.example");
}

TEST_CASE("recipients: the null address, postmaster, no other bare name") {
    CHECK(rcpt_refusal("TO:<>") == "550 5.1.1");
    CHECK(rcpt("TO:<PostMaster>").recipient.text() == "PostMaster@mx.example.org");
    CHECK(rcpt("TO:<postmaster@b.example>").recipient.text() == "postmaster@b.example");
    CHECK(rcpt("TO:<@x.example:a@b.example>").recipient.text() == "a@b.example");
    CHECK(rcpt("TO:<a b@b.example>").recipient.text() == "\"a b\"@b.example");
    CHECK(rcpt_refusal("TO:<paul>") == "501 5.1.3");
    CHECK(rcpt_refusal("TO:a@b.example") == "501 5.5.4");
    CHECK(rcpt_refusal("TO:<a@b.example> NOTIFY=SUCCESS") == "555 5.5.4");
    CHECK(rcpt_refusal("TO:<a@b.example> SIZE=1") == "555 5.5.4");
}

TEST_CASE("the original recipient is decoded and checked again") {
    CHECK(rcpt("TO:<a@b.example> ORCPT=rfc822;x+2By@b.example").original_recipient == "x+y@b.example");
    CHECK(rcpt("TO:<a@b.example> orcpt=RFC822;x@b.example").original_recipient == "x@b.example");
    CHECK_FALSE(rcpt("TO:<a@b.example> ORCPT=x400;whatever").original_recipient.has_value());
    CHECK(rcpt("TO:<a@b.example> ORCPT=utf-8;p\\x{3D}q\\x{2b}\\x{5C}@b.example").original_recipient ==
          "p=q+\\@b.example");
    CHECK(rcpt("TO:<a@b.example> ORCPT=UTF-8;b\\x{FC}ro\\x{1F600}+x@b.example").original_recipient ==
          "büro😀+x@b.example");
    CHECK(value(parse_rcpt_argument("TO:<a@b.example> ORCPT=utf-8;büro@b.example", hostname, MailIs::smtputf8))
              .original_recipient == "büro@b.example");
    for (const char* bad : {"\\", "x\\y", "\\x", "\\x{", "\\x{}", "\\x{G}", "\\x{0A}", "\\x{0}", "\\x{7F}", "\\x{D800}",
                            "\\x{110000}", "\\x{1234567}", "\\X{41}"})
        CHECK_MESSAGE(rcpt_refusal("TO:<a@b.example> ORCPT=utf-8;" + std::string(bad)) == "501 5.5.4", bad);
    for (const char* bad : {"ORCPT", "ORCPT=", "ORCPT=x@b.example", "ORCPT=rfc822;", "ORCPT=;x", "ORCPT=rfc822;x+0Ay",
                            "ORCPT=rfc822;x+0D+0Ay", "ORCPT=rfc822;x+00y", "ORCPT=rfc822;x+7Fy", "ORCPT=rfc822;x+4",
                            "ORCPT=rfc822;x+", "ORCPT=rfc822;x+GG", "ORCPT=rfc822;x+C3", "ORCPT=rfc822;x=y"})
        CHECK_MESSAGE(rcpt_refusal("TO:<a@b.example> " + std::string(bad)) == "501 5.5.4", bad); // CVE-2020-28026
}

TEST_CASE("chunk sizes are plain numbers") {
    CHECK(parse_chunk_argument("0")->size == 0);
    CHECK(parse_chunk_argument("86 last")->last);
    CHECK(parse_chunk_argument("18446744073709551615 LAST")->size == 18446744073709551615ULL);
    for (const char* bad : {"", "LAST", "-1", "+1", " 1", "1 ", "1  LAST", "1 LASTS", "1 LAST x",
                            "18446744073709551616", "000000000000000000001", "0x10", "1e3"})
        CHECK_MESSAGE(!parse_chunk_argument(bad).has_value(), bad); // CVE-2017-16943, CVE-2020-28019
}

TEST_CASE("no text makes an address with a control byte or a reply without an error code") {
    CHECK(rc::check("parse_mail_argument and parse_rcpt_argument", [] {
        const auto text = *rc::gen::container<std::string>(rc::gen::element(
            '<', '>', '"', '\\', '@', '.', ':', ',', 'a', ' ', '=', '+', '0', '[', ']', '\r', '\n', '\0'));
        const auto mail = parse_mail_argument("FROM:<" + text + "@b.example>", hostname);
        const auto to = parse_rcpt_argument("TO:<a@b.example> ORCPT=rfc822;" + text, hostname, MailIs::ascii);
        if (auto* reply = std::get_if<LmtpReply>(&mail))
            RC_ASSERT(reply->code >= 500 && reply->code < 600);
        else if (std::get<MailArgument>(mail).sender)
            RC_ASSERT(sender_text(std::get<MailArgument>(mail).sender).find_first_of(std::string("\r\n\0", 3)) ==
                      std::string::npos);
        if (auto* argument = std::get_if<RcptArgument>(&to); argument && argument->original_recipient)
            RC_ASSERT(argument->original_recipient->find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
    }));
}
