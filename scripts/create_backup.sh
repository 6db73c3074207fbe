#!/bin/sh
# Makes a backup and proves it: --env production
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" backup create "$@"
