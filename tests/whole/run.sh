#!/usr/bin/env bash
# Tests about the house itself: floors, purity, libraries, headers, shape. tests/whole/run.sh [BUILD_DIRECTORY]
set -u
cd "$(dirname "$0")" || exit 1
build=$(realpath "${1:-../../build/dev}")
status=0
for test in ./*_test.*; do
    result=$("$test" "$build") || {
        status=1
        grep -q '^not ok ' <<<"$result" || echo "not ok $test died"
    }
    echo "$result"
done
exit $status
