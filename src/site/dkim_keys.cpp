// Paths, and the one file that tells.
#include "mailctl/site/dkim_keys.hpp"

#include "mailctl/config/selectors_file.hpp"
#include "mailctl/os/files.hpp"

namespace mailctl {

std::string dkim_directory(const Paths& paths, const Site& site) {
    return site.dkim.directory.empty() ? paths.lib + "/dkim" : site.dkim.directory;
}

std::string dkim_directory_of(const Paths& paths, const Site& site, const DomainName& domain) {
    return dkim_directory(paths, site) + "/" + domain.text();
}

std::string selectors_path(const Paths& paths, const Site& site, const DomainName& domain) {
    return dkim_directory_of(paths, site, domain) + "/selectors.toml";
}

Result<std::vector<DkimSelector>> find_selectors(const Paths& paths, const Site& site, const DomainName& domain) {
    const auto path = selectors_path(paths, site, domain);
    TRY_ASSIGN(const auto text, find_file(path));
    if (!text) return std::vector<DkimSelector>();
    return parse_selectors(*text, path);
}

} // namespace mailctl
