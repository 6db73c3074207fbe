#!/bin/sh
# Goes back: --backup backups/dhash_....zip --env production [--emergency] [--no-verify]
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" rollback "$@"
