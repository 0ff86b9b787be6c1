// SPDX-License-Identifier: Apache-2.0
#include "mailctl/os/certificates.hpp"

#include "mailctl/os/clock.hpp"
#include "mailctl/os/process.hpp"
#include "temp_directory.hpp"

#include <doctest/doctest.h>

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
