// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error; dropping one does not compile. Use it wherever a caller can act on the failure.
// Absent is `Result<std::optional<T>>`, so that absent, try later and broken stay three different answers.
// std::expected where the compiler can see it, tl::expected otherwise (clang 14 cannot see libstdc++ 12's).
#pragma once

#include "mailctl/base/error.hpp"

#include <utility>
#include <version>
#if defined(__cpp_lib_expected)
#include <expected>
namespace mailctl::detail {
template <class T>
using Expected = std::expected<T, Error>;
using Unexpected = std::unexpected<Error>;
} // namespace mailctl::detail
#else
#include <tl/expected.hpp>
namespace mailctl::detail {
template <class T>
using Expected = tl::expected<T, Error>;
using Unexpected = tl::unexpected<Error>;
} // namespace mailctl::detail
#endif

namespace mailctl {

template <class T>
class [[nodiscard]] Result : public detail::Expected<T> {
  public:
    using detail::Expected<T>::Expected;
    // libstdc++ 12 does not inherit the converting constructor from unexpected<Error>&& through `using`.
    Result(detail::Unexpected failure) : detail::Expected<T>(std::move(failure)) {}
};

using Status = Result<void>;

// `return fail(ErrorKind::missing, "no mailbox 'ann@example.org'", "did you mean ...");`
[[nodiscard]] inline detail::Unexpected fail(ErrorKind kind, std::string what, std::string hint = {}) {
    return detail::Unexpected(Error{kind, std::move(what), std::move(hint)});
}
[[nodiscard]] inline detail::Unexpected fail(Error error) { return detail::Unexpected(std::move(error)); }

} // namespace mailctl

// Statement forms only: an expression TRY leaks on GCC 12 when it returns from inside a braced initialiser.
#define MAILCTL_JOIN_(a, b) a##b
#define MAILCTL_JOIN(a, b) MAILCTL_JOIN_(a, b)
#define MAILCTL_TRY_(name, expr)                                                                                       \
    auto name = (expr);                                                                                                \
    if (!name) return ::mailctl::fail(std::move(name).error())
#define MAILCTL_TRY_ASSIGN_(name, target, expr)                                                                        \
    MAILCTL_TRY_(name, expr);                                                                                          \
    target = std::move(*name)
// TRY(expr): return the Error of a failed Result, else go on. TRY_ASSIGN(auto x, expr): and bind its value.
#define TRY(expr) MAILCTL_TRY_(MAILCTL_JOIN(try_result_, __COUNTER__), expr)
#define TRY_ASSIGN(target, expr) MAILCTL_TRY_ASSIGN_(MAILCTL_JOIN(try_result_, __COUNTER__), target, expr)
