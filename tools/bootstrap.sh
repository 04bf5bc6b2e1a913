#!/bin/sh
# Put uv into .bootstrap when the machine has none. Uses pip; where pip is missing, apt if root.
set -eu
version=$1
if ! python3 -m pip --version >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-pip >/dev/null
    else
        echo "python3 has no pip; type: sudo apt-get install -y python3-pip" >&2
        exit 1
    fi
fi
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .bootstrap "uv==$version"
