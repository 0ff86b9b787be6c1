#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests about the house itself: floors, purity, libraries, headers, shape, the runner. tests/whole/run.sh [BUILD_DIRECTORY]
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "${1:-$here/../../build/release}")
cd "$here" || exit 1
status=0
for test in ./*_test.*; do
    result=$("$test" "$build") || {
        status=1
        grep -q '^not ok ' <<<"$result" || echo "not ok $test died"
    }
    echo "$result"
done
exit $status
