// SPDX-License-Identifier: Apache-2.0
#include "domain_reading.hpp"

#include <fmt/format.h>

namespace mailctl {

void DomainReading::read_targets(Fields& fields, std::string_view key, std::vector<Address>& out) {
    for (const Node* element : fields.strings(key)) {
        auto target = parse_target(element->text, domain.name, rules);
        if (target.address)
            out.push_back(std::move(*target.address));
        else
            refuse(fields, key, element->place, target.objection);
    }
}

void DomainReading::read_address(Fields& fields, std::string_view key, std::optional<Address>& out) {
    const Node* value = fields.expect(key, Node::Kind::string, "an address");
    if (!value) return;
    auto target = parse_target(value->text, domain.name, rules);
    if (target.address)
        out = std::move(target.address);
    else
        refuse(fields, key, value->place, target.objection);
}

void DomainReading::read_attachments(Fields& fields, std::vector<std::string>& out) {
    for (const Node* element : fields.strings("attach")) {
        if (const auto objection = object_to_file_name(element->text))
            refuse(fields, "attach", element->place, *objection);
        else
            out.push_back(element->text);
    }
}

void DomainReading::keep(std::string key, Place place) {
    not_acted_on.add(place, std::move(key), "this version keeps it but does not act on it yet");
}

} // namespace mailctl
