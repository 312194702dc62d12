#!/bin/sh
# Print the first Python that works here: 3.11 to 3.13, able to make a virtual environment.
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
echo "No usable Python among: ${PYTHON:-python3 python3.13 python3.12 python3.11}." >&2
echo "Install Python 3.11, 3.12 or 3.13 (on Debian and Ubuntu also python3-venv), or name one: make PYTHON=/path/to/python3.12 ..." >&2
exit 1
