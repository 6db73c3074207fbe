#!/bin/sh
# Is this ffprobe JSON that of a video as it must be?
exec "$(dirname -- "$(readlink -f -- "$0")")/../bin/dhash" check container "$@"
