#!/bin/sh
# Make the virtual environment .venv hold what a requirements file asks for.
#
#     sh scripts/environment.sh requirements.txt
#
# Does nothing when the files have not changed since the last time. PYTHON=... chooses the
# interpreter of a new environment.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
stamp=.venv/installed-$wanted
python=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

is_suitable() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

choose_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if is_suitable "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    say "NFM Lab needs Python 3.11, 3.12 or 3.13: ${PYTHON:-every python3 on the PATH} is missing, or of another version."
    say "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make run PYTHON=/path/to/python3.12"
    exit 1
}

# Debian's Python comes without the part that makes environments; its package is python3-venv.
install_debian_venv() {
    command -v apt-get >/dev/null || return 1
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || return 1
        as_root=sudo
    fi
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "Installing Debian's package python$version-venv, which makes virtual environments."
    $as_root apt-get update -qq >/dev/null || true
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "python$version-venv" >/dev/null
}

make_environment() {
    base=$(choose_python)
    say "Making the virtual environment .venv with $("$base" --version)."
    rm -rf .venv
    if "$base" -m venv .venv >.venv-output 2>&1 ||
        "$base" -m virtualenv --quiet .venv >>.venv-output 2>&1 ||
        { install_debian_venv "$base" && "$base" -m venv --clear .venv >>.venv-output 2>&1; }
    then
        rm -f .venv-output
    else
        cat .venv-output >&2
        rm -rf .venv .venv-output
        say "$base could not make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
        exit 1
    fi
}

# What the environment must hold: the requirements, one file included by the other.
contents() { cat requirements.txt; [ "$wanted" = requirements.txt ] || cat "$wanted"; }

if ! { is_suitable "$python" && "$python" -m pip --version >/dev/null 2>&1; }; then
    make_environment
fi
if contents | cmp -s - "$stamp"; then
    exit 0
fi
say "Installing $wanted into .venv: some minutes the first time."
quiet=
[ -t 2 ] || quiet=--quiet
"$python" -m pip install --quiet --disable-pip-version-check --upgrade pip >&2 ||
    say "pip could not be upgraded; going on with the one that is there."
"$python" -m pip install $quiet --disable-pip-version-check -r "$wanted" >&2
cat requirements.txt >.venv/installed-requirements.txt
contents >"$stamp"
