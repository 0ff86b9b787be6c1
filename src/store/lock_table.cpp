// SPDX-License-Identifier: Apache-2.0
// The header stays mapped: looking again is no system call.
#include "lock_table.hpp"

#include "mailctl/os/files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace mailctl {
namespace {

constexpr std::size_t line = 64; // of a cache: what LMDB aligns by, and what a reader takes
constexpr std::size_t round_up(std::size_t size) { return (size + line - 1) / line * line; }

// magic and format, the readers' mutex, the last transaction, and then the number of readers; the writers' mutex
// behind.
constexpr std::size_t readers_at = 2 * sizeof(std::uint32_t) + sizeof(pthread_mutex_t) + sizeof(std::size_t);
constexpr std::size_t header_size = round_up(readers_at + sizeof(unsigned)) + round_up(sizeof(pthread_mutex_t));

Error damaged(const std::string& path) {
    return {ErrorKind::temporary, fmt::format("'{}' is damaged, and in use", path),
            "stop mailctl-deliver and whatever else runs as the mail user, remove that file, and start it again"};
}

// Whoever uses it holds its first byte together with the others. Where nobody does LMDB makes it anew, and who does so
// just now holds the byte alone.
bool is_in_use(const FileDescriptor& file) {
    struct flock first {};
    first.l_type = F_WRLCK;
    first.l_whence = SEEK_SET;
    first.l_len = 1;
    return ::fcntl(file.get(), F_OFD_GETLK, &first) == 0 && first.l_type == F_RDLCK;
}

} // namespace

void LockTable::Unmap::operator()(const void* begin) const { ::munmap(const_cast<void*>(begin), size); }

Result<LockTable> LockTable::look(const std::string& directory) {
    LockTable table(directory + "/lock.mdb");
    const FileDescriptor file(::open(table.path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat about {};
    if (!file || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) || !is_in_use(file)) return table;
    const auto size = static_cast<std::size_t>(about.st_size);
    if (size <= header_size) return fail(damaged(table.path_));
    const void* begin = ::mmap(nullptr, header_size, PROT_READ, MAP_SHARED, file.get(), 0);
    if (begin == MAP_FAILED) return fail(system_error(errno, "cannot map", table.path_));
    table.header_ = {begin, Unmap{header_size}};
    table.places_ = (size - header_size) / line;
    TRY(table.check());
    return table;
}

Status LockTable::check() const {
    if (!header_) return {};
    unsigned readers = 0;
    std::memcpy(&readers, static_cast<const char*>(header_.get()) + readers_at, sizeof readers);
    if (readers > places_) return fail(damaged(path_));
    return {};
}

} // namespace mailctl
