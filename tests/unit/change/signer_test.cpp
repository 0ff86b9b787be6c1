// SPDX-License-Identifier: Apache-2.0
// The signer is reloaded through systemctl(1): a stub stands in its place, writes down what it is told, and answers as
// it is set to.
#include "mailctl/change/signer.hpp"

#include "../os/temp_directory.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

using namespace mailctl;

namespace {

class StubbedSystemctl {
  public:
    StubbedSystemctl(int active_status, int reload_status) : path_before_(std::getenv("PATH")) {
        const auto stub = directory_ / "systemctl";
        std::ofstream(stub) << fmt::format("#!/bin/sh\necho \"$@\" >> '{}'\ncase $1 in\nis-active) exit {} ;;\n"
                                           "reload) [ {} -eq 0 ] || echo 'Job failed.' >&2; exit {} ;;\nesac\n",
                                           directory_ / "calls", active_status, reload_status, reload_status);
        ::chmod(stub.c_str(), 0755);
        ::setenv("PATH", (directory_.path() + ":" + path_before_).c_str(), 1);
    }
    ~StubbedSystemctl() { ::setenv("PATH", path_before_.c_str(), 1); }
    StubbedSystemctl(const StubbedSystemctl&) = delete;
    StubbedSystemctl& operator=(const StubbedSystemctl&) = delete;
    [[nodiscard]] std::string calls() const {
        std::ifstream file(directory_ / "calls");
        return {std::istreambuf_iterator<char>(file), {}};
    }

  private:
    test::TempDirectory directory_;
    std::string path_before_;
};

Site signed_site(DkimSigner signer) {
    Site site;
    site.dkim.signer = signer;
    return site;
}

} // namespace

TEST_CASE("a running signer reads its tables again, and it is said") {
    for (const auto& [signer, unit] : {std::pair{DkimSigner::opendkim, "opendkim"}, {DkimSigner::rspamd, "rspamd"}}) {
        const StubbedSystemctl systemctl(0, 0);
        CHECK(reload_signer(system_paths(), signed_site(signer)) ==
              std::vector<std::string>{fmt::format("reloaded {}", unit)});
        CHECK(systemctl.calls() == fmt::format("is-active --quiet {}\nreload {}\n", unit, unit));
    }
}

TEST_CASE("a signer that does not run is not started, and one that cannot be reloaded is told of") {
    {
        const StubbedSystemctl systemctl(3, 0);
        const auto notes = reload_signer(system_paths(), signed_site(DkimSigner::opendkim));
        REQUIRE(notes.size() == 1);
        CHECK(notes[0].find("opendkim does not run as a service here") != std::string::npos);
        CHECK(systemctl.calls() == "is-active --quiet opendkim\n");
    }
    const StubbedSystemctl systemctl(0, 1);
    const auto notes = reload_signer(system_paths(), signed_site(DkimSigner::rspamd));
    CHECK(notes == std::vector<std::string>{"warning: rspamd could not be reloaded, and signs as before: Job failed.",
                                            "hint: systemctl reload rspamd"});
}

TEST_CASE("below --root, and where nothing signs, systemctl is not asked") {
    const StubbedSystemctl systemctl(0, 0);
    CHECK(reload_signer(paths_below("/srv/site"), signed_site(DkimSigner::opendkim)).empty());
    CHECK(reload_signer(system_paths(), signed_site(DkimSigner::none)).empty());
    CHECK(systemctl.calls().empty());
}
