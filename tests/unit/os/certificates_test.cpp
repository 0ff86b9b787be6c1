// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/certificates.hpp"

#include "mailctl/base/text.hpp"
#include "mailctl/os/clock.hpp"
#include "mailctl/os/files.hpp"
#include "mailctl/os/process.hpp"
#include "temp_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <array>
#include <fstream>

using namespace mailctl;

namespace {

struct Certificates {
    TempDirectory directory;
    [[nodiscard]] std::string path(const std::string& name) const { return directory.path() + "/" + name; }
    // Made by openssl(1), valid from now on for so many days.
    void make(const std::string& name) const {
        const auto made =
            run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                 "30", "-subj", "/CN=mx.example.org", "-keyout", path(name + ".key"), "-out", path(name + ".pem")});
        REQUIRE(made);
        REQUIRE(made->status == 0);
    }
    // A chain below an authority: NAME.pem is the server's own, with names; NAME.key its key; root.pem the authority's.
    void issue(const std::string& name, const std::string& extension) const {
        make("root");
        std::ofstream(path("extension")) << extension << "\n";
        openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=plain.example",
                 "-keyout", path(name + ".key"), "-out", path("request")});
        openssl({"x509", "-req", "-days", "30", "-in", path("request"), "-CA", path("root.pem"), "-CAkey",
                 path("root.key"), "-CAcreateserial", "-extfile", path("extension"), "-out", path(name + ".pem")});
    }
    static void openssl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "openssl");
        const auto done = run(arguments);
        REQUIRE(done);
        REQUIRE(done->status == 0);
    }
    [[nodiscard]] std::string text(const std::string& name) const { return *load_file(path(name)); }
    // Faults by name, and what is said of the names.
    [[nodiscard]] std::string faults(const std::string& certificate, const std::string& key,
                                     const std::vector<std::string>& names = {}, std::chrono::hours later = {}) const {
        constexpr std::array words{"unusable",    "not_valid_yet", "expired",     "expires_soon",
                                   "wrong_order", "incomplete",    "other_names", "open_key"};
        std::vector<std::string> found;
        for (const auto& each : find_certificate_troubles({path(certificate), path(key)}, names, now() + later)) {
            found.emplace_back(words.at(static_cast<std::size_t>(each.fault)));
            CHECK(!each.remedy.empty());
            if (each.fault == CertificateFault::other_names) found.push_back(each.what.substr(each.what.find(" is ")));
        }
        return join(found, ",");
    }
    [[nodiscard]] std::string trouble(const std::string& certificate, const std::string& key,
                                      std::chrono::hours later = {}) const {
        const auto found = find_certificate_trouble(path(certificate), path(key), now() + later);
        return found ? found->what.substr(0, found->what.find('\'')) + (found->is_usable ? "usable" : "unusable") : "";
    }
};

} // namespace

TEST_CASE("a certificate and its own key have no trouble; any other pair of files has") {
    const Certificates files;
    files.make("a");
    files.make("b");
    std::ofstream(files.path("text")) << "no certificate\n";
    CHECK(files.trouble("a.pem", "a.key", std::chrono::hours{1}).empty());
    CHECK(files.trouble("a.pem", "b.key") == "the key unusable");
    CHECK(files.trouble("text", "a.key") == "unusable");
    CHECK(files.trouble("a.pem", "text") == "unusable");
    CHECK(files.trouble("a.key", "a.key") == "unusable");
    CHECK(files.trouble("a.pem", "a.pem") == "unusable");
    CHECK(files.trouble("absent", "a.key") == "cannot read unusable");
    CHECK(files.trouble("a.pem", "absent") == "cannot read unusable");
    CHECK(files.trouble("a.pem", ".") == "cannot read unusable");
}

TEST_CASE("a certificate that has expired or is not valid yet can be read, and is told") {
    const Certificates files;
    files.make("a");
    CHECK(files.trouble("a.pem", "a.key", std::chrono::hours{24 * 40}) == "the certificate usable");
    CHECK(files.trouble("a.pem", "a.key", std::chrono::hours{-24}) == "the certificate usable");
}

TEST_CASE("a key with a passphrase is none that a server starts with") {
    const Certificates files;
    files.make("a");
    const auto locked = run({"openssl", "pkcs8", "-topk8", "-in", files.path("a.key"), "-out", files.path("locked.key"),
                             "-passout", "pass:secret"});
    REQUIRE(locked);
    REQUIRE(locked->status == 0);
    CHECK(files.trouble("a.pem", "locked.key") == "unusable");
}

TEST_CASE("a certificate is told of a week before its end, and one that lives for days in the last third of them") {
    const Certificates files;
    files.make("a");
    CHECK(files.faults("a.pem", "a.key", {}, std::chrono::hours{24 * 22}).empty());
    CHECK(files.faults("a.pem", "a.key", {}, std::chrono::hours{24 * 24}) == "expires_soon");
    CHECK(files.trouble("a.pem", "a.key", std::chrono::hours{24 * 24}).empty());
    Certificates::openssl(
        {"req", "-x509", "-key", files.path("a.key"), "-days", "6", "-subj", "/CN=a", "-out", files.path("short.pem")});
    CHECK(files.faults("short.pem", "a.key", {}, std::chrono::hours{24 * 3}).empty());
    CHECK(files.faults("short.pem", "a.key", {}, std::chrono::hours{24 * 5}) == "expires_soon");
}

TEST_CASE("clients come under names: the alternative ones count, a wildcard for one label, the common name for none") {
    const Certificates files;
    files.issue("a", "subjectAltName=DNS:mx.example.org,DNS:*.example.org");
    CHECK(files.faults("a.pem", "a.key", {"mx.example.org", "imap.example.org", "IMAP.Example.org"}).empty());
    CHECK(files.faults("a.pem", "a.key", {"example.org", "a.b.example.org", "mx.example.org"}) ==
          "other_names, is for 'mx.example.org', '*.example.org', and not for 'example.org', 'a.b.example.org'");
    files.issue("b", "subjectAltName=DNS:im*.example.org,IP:192.0.2.1");
    CHECK(files.faults("b.pem", "b.key", {"imap.example.org"}) ==
          "other_names, is for 'im*.example.org', and not for 'imap.example.org'");
    CHECK(files.faults("b.pem", "b.key", {"plain.example", "192.0.2.1"}) ==
          "other_names, is for 'im*.example.org', and not for 'plain.example', '192.0.2.1'");
}

TEST_CASE("a chain goes from the server's own certificate to the authority") {
    const Certificates files;
    files.issue("a", "authorityInfoAccess=caIssuers;URI:http://ca.example/1.cer");
    files.make("other");
    std::ofstream(files.path("full.pem")) << files.text("a.pem") << files.text("root.pem");
    std::ofstream(files.path("turned.pem")) << files.text("root.pem") << files.text("a.pem");
    std::ofstream(files.path("strange.pem")) << files.text("a.pem") << files.text("other.pem");
    std::ofstream(files.path("one-file.pem")) << files.text("a.key") << files.text("full.pem");
    ::chmod(files.path("one-file.pem").c_str(), 0600);
    CHECK(files.faults("full.pem", "a.key").empty());
    CHECK(files.faults("one-file.pem", "one-file.pem").empty());
    CHECK(files.faults("a.pem", "a.key") == "incomplete");
    CHECK(files.faults("strange.pem", "a.key") == "wrong_order");
    CHECK(files.faults("turned.pem", "a.key") == "unusable");
    files.issue("private", "keyUsage=digitalSignature");
    CHECK(files.faults("private.pem", "private.key").empty()); // an authority of one's own, known to the clients
}

TEST_CASE("a key that everybody may read is told of, and a certificate that everybody may change") {
    const Certificates files;
    files.make("a");
    const auto key = files.path("a.key"), certificate = files.path("a.pem");
    ::chmod(key.c_str(), 0640);
    CHECK(files.faults("a.pem", "a.key").empty());
    for (const mode_t mode : {0604, 0602, 0606}) {
        ::chmod(key.c_str(), mode);
        CHECK(files.faults("a.pem", "a.key") == "open_key");
    }
    ::chmod(key.c_str(), 0600);
    ::chmod(certificate.c_str(), 0666);
    CHECK(files.faults("a.pem", "a.key") == "open_key");
}

TEST_CASE("the digest of a public key is that of openssl, from the certificate as from the private key") {
    const Certificates files;
    files.make("a");
    Certificates::openssl(
        {"pkey", "-in", files.path("a.key"), "-pubout", "-outform", "DER", "-out", files.path("der")});
    const auto said = run({"openssl", "dgst", "-sha256", "-r", files.path("der")});
    REQUIRE(said);
    const auto wanted = said->output.substr(0, 64);
    CHECK(*public_key_digest(files.path("a.pem")) == wanted);
    CHECK(*public_key_digest(files.path("a.key")) == wanted);
    CHECK(!public_key_digest(files.path("der")));
    CHECK(!public_key_digest(files.path("absent")));
}
