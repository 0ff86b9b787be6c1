#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All figures beside the peers, in one command. Writes the table of targets and the curves into RESULTS.md (what stands
# below the table there, why a target is missed, stays) and size.svg. Needs root, a release build and an hour of a quiet
# machine; a peer that is not installed is told and left out, and so is each figure that compares with it.
#   run.sh [--quick] [--only "lmtp oneshot ..."] [--rounds N]         run.sh --list says what there is
exec python3 "$(dirname "$0")/run.py" "$@"
