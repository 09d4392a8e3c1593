#!/bin/sh
# Prints the first Python that can make the environment: 3.11 or newer, with venv. A name given is the only candidate.
set -eu

if [ $# -eq 0 ]; then
    set -- python3 python3.14 python3.13 python3.12 python3.11 python
fi
for candidate in "$@"; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$candidate"
        exit 0
    fi
done
echo "No Python 3.11 or newer with venv was found (looked for: $*); install one, or name it: make PYTHON=/path/to/python3" >&2
exit 1
