// SPDX-License-Identifier: Apache-2.0
// Bytes of a file as fcntl(2) locks them. They need not be there: locks agree on offsets, not on what stands at them.
#pragma once

#include <fcntl.h>

namespace mailctl {

// `type`: F_RDLCK, F_WRLCK, F_UNLCK. A length of 0 is all that follows.
[[nodiscard]] inline struct flock file_range(short type, off_t from, off_t length) {
    struct flock range {};
    range.l_type = type;
    range.l_whence = SEEK_SET;
    range.l_start = from;
    range.l_len = length;
    return range;
}

} // namespace mailctl
