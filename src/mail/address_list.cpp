// SPDX-License-Identifier: Apache-2.0
// One pass with the state of a reader: inside a comment, a quoted string, angle brackets.
#include "address_list.hpp"

#include "mailctl/base/text.hpp"

#include <optional>
#include <string>

namespace mailctl {
namespace {

constexpr std::size_t max_address = 1024; // what is longer is no address

class ListReader {
  public:
    explicit ListReader(const std::function<bool(const Address&)>& visit) : visit_(visit) {}

    void read(std::string_view value) {
        for (std::size_t at = 0; at < value.size() && !stopped_; ++at) {
            const bool escapes = value[at] == '\\' && (quoted_ || comments_ > 0) && at + 1 < value.size();
            take(value[at], escapes);
            if (escapes) keep(value[++at]);
        }
        end_address();
    }

  private:
    void take(char c, bool escapes) {
        if (escapes) return keep(c);
        if (quoted_) {
            quoted_ = c != '"';
            return keep(c);
        }
        if (c == '(') ++comments_;
        if (comments_ > 0) {
            if (c == ')') --comments_;
            return;
        }
        take_outside(c);
    }
    void take_outside(char c) {
        if (c == '"') quoted_ = true;
        if (c == '<') {
            text_.clear();
            angle_ = true;
        } else if (c == '>' && angle_) {
            angle_ = false;
            closed_ = true;
        } else if ((c == ',' || c == ';') && !angle_) {
            end_address();
        } else if (c == ':') {
            text_.clear(); // the name of a group, or a route
        } else {
            keep(c);
        }
    }
    void keep(char c) {
        if (comments_ == 0 && !closed_ && text_.size() <= max_address) text_ += c;
    }
    void end_address() {
        if (const auto address = Address::parse(trim(text_)); address && !stopped_) stopped_ = !visit_(*address);
        text_.clear();
        angle_ = closed_ = false;
    }

    const std::function<bool(const Address&)>& visit_;
    std::string text_;
    std::size_t comments_ = 0;
    bool quoted_ = false, angle_ = false, closed_ = false, stopped_ = false;
};

} // namespace

void visit_addresses(std::string_view value, const std::function<bool(const Address&)>& visit) {
    ListReader(visit).read(value);
}

} // namespace mailctl
