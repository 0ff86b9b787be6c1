// SPDX-License-Identifier: Apache-2.0
// Open file description locks: they belong to the descriptor, so deliveries of one process do not share them.
#include "mailctl/store/under_way.hpp"

#include "mailctl/os/file_range.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>

namespace mailctl {

namespace {

std::string marks_file(const Paths& paths) { return paths.lib + "/deliveries"; }

off_t mark_offset(std::uint64_t generation) {
    constexpr auto last = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max() - 1);
    return static_cast<off_t>(std::min(generation, last));
}

} // namespace

Result<DeliveryMark> DeliveryMark::make(const Paths& paths, std::uint64_t generation) {
    const auto path = marks_file(paths);
    const auto unmarked = [&] {
        auto error = system_error(errno, "cannot mark a delivery in", path);
        error.kind = ErrorKind::temporary;
        return fail(std::move(error));
    };
    FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) return DeliveryMark(FileDescriptor());
    if (!file) return unmarked();
    auto range = file_range(F_RDLCK, mark_offset(generation), 1);
    if (fcntl(file.get(), F_OFD_SETLK, &range) != 0) return unmarked(); // who asks only looks and is not in the way
    return DeliveryMark(std::move(file));
}

Status mark_deliveries(const Paths& paths) {
    const auto path = marks_file(paths);
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) return fail(system_error(errno, "cannot make", path));
    if (fchmod(file.get(), 0644) != 0) return fail(system_error(errno, "cannot open to all", path));
    return {};
}

Result<bool> is_older_delivery_under_way(const Paths& paths, std::uint64_t generation) {
    if (generation == 0) return false;
    const auto path = marks_file(paths);
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file) return fail(system_error(errno, "cannot read", path));
    auto range = file_range(F_WRLCK, 0, mark_offset(generation));
    if (fcntl(file.get(), F_OFD_GETLK, &range) != 0)
        return fail(system_error(errno, "cannot see the deliveries under way in", path));
    return range.l_type != F_UNLCK;
}

} // namespace mailctl
