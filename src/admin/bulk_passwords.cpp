#include "mailctl/admin/bulk_passwords.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace mailctl {
namespace {

constexpr const char* stand_in = "{CRYPT}not-hashed-in-a-dry-run";

void carry_out(PasswordTask& task, PasswordScheme scheme, Hashing hashing) {
    if (task.known) {
        const auto fits = verify_password(task.plain, *task.known);
        if (fits && *fits) {
            task.hash = task.known;
            return;
        }
    }
    if (hashing == Hashing::only_checked) {
        task.hash = stand_in;
        return;
    }
    auto hash = hash_password(task.plain, scheme);
    if (hash)
        task.hash = std::move(*hash);
    else
        task.error = hash.error();
}

} // namespace

void hash_passwords(std::span<PasswordTask> tasks, PasswordScheme scheme, Hashing hashing) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (auto i = next++; i < tasks.size(); i = next++)
            carry_out(tasks[i], scheme, hashing);
    };
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(cores, tasks.size()); ++i)
        helpers.emplace_back(work);
    work();
}

} // namespace mailctl
