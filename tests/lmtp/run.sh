#!/usr/bin/env bash
# The agent of the release build behind its real socket. (The transcripts beside this file are run by unit_mail.)
cd "$(dirname "$0")" && exec python3 agent.py "$@"
