#!/bin/sh
# Watches what is live: --env production --duration 3600 [--interval 30] [--error-threshold 1.0] [--response-threshold 500]
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" monitor "$@"
