// SPDX-License-Identifier: Apache-2.0
// The files that maps were rendered from beside the compiled directory, each as it was before it was read, so that a
// later look at their stamps tells whether rendering again would read the same.
#pragma once

#include "mailctl/change/maps/files.hpp"

namespace mailctl {

class MapInputs {
  public:
    MapInputs(const MapContext& context, const Site& site);
    // Call before the domain is rendered.
    void add_domain(const Domain& domain);
    // Something was said of what was rendered, which nobody says who does not render: no evidence.
    void doubt() { is_doubtful_ = true; }
    // Their lines, and one of Postfix's services where those were asked for. nullopt: no evidence.
    [[nodiscard]] std::optional<std::string> take(const std::string& services) &&;

  private:
    void add_file(const std::string& path);

    std::string keys_; // directory of signing keys; "" = none is read
    std::string text_;
    bool is_doubtful_ = false;
};

// Names of Postfix's services as a line of the inputs.
[[nodiscard]] std::string services_line(const std::optional<std::set<std::string>>& services);
// Each line of the text is true still. False also for lines that this version doesn't know.
[[nodiscard]] bool inputs_hold(std::string_view text, const MapContext& context);

} // namespace mailctl
