// SPDX-License-Identifier: Apache-2.0
// Rare: an optional for what few objects of many have. Absent it costs a pointer and not the room of a value: of a
// million mailboxes a hundred have an autoreply.
#pragma once

#include <memory>
#include <utility>

namespace mailctl {

template <class T>
class Rare {
  public:
    Rare() = default;
    Rare(T value) : value_(std::make_unique<T>(std::move(value))) {} // as an optional is made from a value
    Rare(const Rare& other) : value_(other ? std::make_unique<T>(*other) : nullptr) {}
    Rare(Rare&&) noexcept = default;
    Rare& operator=(Rare other) noexcept {
        value_.swap(other.value_);
        return *this;
    }
    ~Rare() = default;

    [[nodiscard]] explicit operator bool() const { return value_ != nullptr; }
    [[nodiscard]] T& operator*() { return *value_; }
    [[nodiscard]] const T& operator*() const { return *value_; }
    [[nodiscard]] T* operator->() { return value_.get(); }
    [[nodiscard]] const T* operator->() const { return value_.get(); }
    T& emplace() { return *(value_ = std::make_unique<T>()); }
    void reset() { value_.reset(); }
    bool operator==(const Rare& other) const { return value_ && other ? *value_ == *other : !value_ == !other; }

  private:
    std::unique_ptr<T> value_;
};

} // namespace mailctl
