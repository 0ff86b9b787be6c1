// SPDX-License-Identifier: Apache-2.0
// What the last look at the DNS says about the records of keys.
#pragma once

#include "mailctl/exchange/dkim_rotation.hpp"
#include "mailctl/site/site_view.hpp"
#include "mailctl/store/state.hpp"

#include <memory>

namespace mailctl {

// Whether a selector's record was right at all name servers when `dns check` looked last. Never asks the net.
using SeenKey = std::function<bool(const DkimSelector&)>;
// Of one domain after another, from one open database.
class SeenKeys {
  public:
    explicit SeenKeys(const SiteView& view);
    [[nodiscard]] SeenKey of(const DomainName& domain) const;

  private:
    std::shared_ptr<State> state_;
};

} // namespace mailctl
