#!/bin/sh
# Asks the public port once: is it there, and which version.
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" health "$@"
