#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Files of other mail servers against their owners: what Postfix and Dovecot say of a file is what `import` makes of it, or it
# is refused. Needs root, as a private Dovecot does.
set -u
cd "$(dirname "$0")" || exit 1
exec python3 owners.py "$@"
