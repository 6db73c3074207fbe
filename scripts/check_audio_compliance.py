#!/usr/bin/env python3
"""Is this ebur128 log that of a compliant sound track? python3 scripts/check_audio_compliance.py FILE"""
import os, sys

dhash = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "bin", "dhash")
os.execv(dhash, [dhash, "check", "audio", *sys.argv[1:]])
