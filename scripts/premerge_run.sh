#!/bin/sh
# Tries the checkout out before its merge; ARTIFACT_DIR says where its artifacts go.
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" premerge "$@"
