// SPDX-License-Identifier: Apache-2.0
// A shared library that is loaded when it is first spoken to, so that a program that never does pays nothing and needs
// none. It stays for as long as the process runs.
#pragma once

#include <dlfcn.h>
#include <fmt/format.h>

#include <string>

namespace mailctl {

class LoadedLibrary {
  public:
    explicit LoadedLibrary(const char* file) : file_(file), handle_(::dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) trouble_ = ::dlerror();
    }
    // Stays as it is where the library, or the function in it, is missing: trouble says so.
    template <class Function>
    void bind(const char* name, Function& function) {
        if (handle_ == nullptr) return;
        function = reinterpret_cast<Function>(::dlsym(handle_, name));
        if (!function && trouble_.empty()) trouble_ = fmt::format("{} has no {}", file_, name);
    }
    [[nodiscard]] const std::string& trouble() const { return trouble_; } // "" = all of it is there

  private:
    const char* file_;
    void* handle_;
    std::string trouble_;
};

} // namespace mailctl
