// SPDX-License-Identifier: Apache-2.0
// The Postfix and the Dovecot of this site, where they run: told by the process of their pid files. Below --root they
// are those of maps.postfix_config_directory and maps.dovecot_config, if these are set.
#pragma once

#include "mailctl/model/site.hpp"
#include "mailctl/os/paths.hpp"

#include <string>
#include <vector>

namespace mailctl {

// Both say what went wrong; "" = nothing.
class DovecotControl {
  public:
    DovecotControl(const Paths& paths, const Site& site);
    [[nodiscard]] bool is_running() const;
    [[nodiscard]] std::string doveadm(std::vector<std::string> arguments) const;
    // That its configuration names for all names of which it knows nothing better.
    [[nodiscard]] std::vector<std::string> certificate_files() const;

  private:
    [[nodiscard]] std::vector<std::string> argv(std::string program, std::vector<std::string> arguments) const;

    std::string configuration_; // "" = the system's
    bool is_ours_;
};

class PostfixControl {
  public:
    PostfixControl(const Paths& paths, const Site& site);
    [[nodiscard]] bool is_running() const;
    [[nodiscard]] std::string reload() const;
    // The words of a setting, with what it refers to filled in.
    [[nodiscard]] std::vector<std::string> values_of(const std::string& setting) const;

  private:
    const Site::Maps& maps_;
    bool is_ours_;
};

} // namespace mailctl
