#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The agent of the release build behind its real socket. (The transcripts are run by unit_mail too, without one.)
cd "$(dirname "$0")" || exit 1
status=0
python3 transcripts.py "$@" || status=1
python3 agent.py "$@" || status=1
python3 robots.py "$@" || status=1
python3 candidates.py "$@" || status=1
python3 quota_warnings.py "$@" || status=1
python3 peers.py "$@" || status=1
python3 policy.py "$@" || status=1
python3 trouble.py "$@" || status=1
exit $status
