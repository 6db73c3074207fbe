#!/bin/sh
# Asks for a deploy: --env production --tag v2.1.0 [--dry-run] [--no-backup]
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" deploy "$@"
