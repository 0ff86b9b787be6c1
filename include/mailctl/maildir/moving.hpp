// SPDX-License-Identifier: Apache-2.0
// Mail goes from one directory to another. By rename where that can be; over the border of file systems (a domain on a
// disk of its own, an archive on another) by copying, so that at no instant there is less than one whole of it:
//
//  1. a place for the copy is made beside the target ("%copying-..."),
//  2. the source gets another name in its own directory ("%moving-NAME"): nobody adds to it any more,
//  3. all is copied and durable, then the copy gets the target's name,
//  4. the source goes, last.
//
// Killed anywhere, the same call goes on from there: a source under its other name without a place for a copy has been
// copied. Neither name can be a mailbox's or a folder's. Files need no claim: a target with the same content is theirs.
#pragma once

#include "mailctl/os/files.hpp"

namespace mailctl {

// rename(2) that never replaces a file or a directory with something in it, on every file system. 0 or an errno.
[[nodiscard]] int rename_without_replacing(int from, const char* name, int to, const char* new_name);

enum class Moved { done, nothing_there, in_the_way };
// A file, or a directory with all that is below it, links as links. Flags and times stay. The caller syncs `to`, then
// `from`.
[[nodiscard]] Result<Moved> move_entry(const FileDescriptor& from, const std::string& name, const FileDescriptor& to,
                                       const std::string& new_name);
// The same call, cut short earlier, is to be undone: what is on its way has its name again, unless all of it has
// arrived.
[[nodiscard]] Status give_up_move(const FileDescriptor& from, const std::string& name, const FileDescriptor& to,
                                  const std::string& new_name);
// Whether an entry has this name. What cannot be found out is an error and never "no": mail that seemed not to be there
// would be left behind, or removed.
[[nodiscard]] Result<bool> has_entry(const FileDescriptor& directory, const std::string& name);
// Whether `name` is on its way out of `from` since an earlier call that was cut short.
[[nodiscard]] Result<bool> is_moving(const FileDescriptor& from, const std::string& name);
// One of the two: there is something to move.
[[nodiscard]] Result<bool> has_source(const FileDescriptor& from, const std::string& name);
// The names of entries with those on their way under the names they had.
[[nodiscard]] std::vector<std::string> with_moving(std::vector<std::string> names);

// An entry with all that is below it, however deep, with three descriptors; follows no link. Absent is fine.
[[nodiscard]] Status remove_tree(int parent, const std::string& name);

// The directory of a domain below the mail root, or one below that ("example.org/paul"). A link in the place of the
// domain's directory is followed if it belongs to root or to us: an administrator has put the domain elsewhere.
[[nodiscard]] Result<FileDescriptor> open_in_root(int root, const std::string& path, int flags);
[[nodiscard]] Result<std::optional<FileDescriptor>> find_in_root(int root, const std::string& path); // to be read

} // namespace mailctl
