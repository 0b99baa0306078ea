#!/bin/sh
# Makes the environment of this pack, without a network. Needs envbench or micromamba.
set -eu

usage() {
    cat <<'TEXT'
usage: sh install.sh [--name NAME | --prefix DIR] [--tool envbench|micromamba]

  --name NAME    name of the environment; without it, the name that the pack has
  --prefix DIR   folder of the environment; only micromamba takes one
  --tool TOOL    who installs; without it, envbench where there is one, else micromamba
TEXT
}

say() { printf '%s\n' "$*"; }

fail() {
    printf 'error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '  next: %s\n' "$2" >&2
    exit "${3:-3}"
}

has() { command -v "$1" >/dev/null 2>&1; }

name='' prefix='' tool=''
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        --name | --prefix | --tool)
            [ $# -ge 2 ] || fail "$1 needs a value" "sh install.sh --help" 2
            case $2 in
                '' | -*) fail "$1 cannot be '$2'" "sh install.sh --help" 2 ;;
            esac
            case $1 in
                --name) name=$2 ;;
                --prefix) prefix=$2 ;;
                --tool) tool=$2 ;;
            esac
            shift 2
            ;;
        *)
            usage >&2
            fail "there is no option '$1'" "see above" 2
            ;;
    esac
done
[ -z "$name" ] || [ -z "$prefix" ] || fail "--name and --prefix exclude each other" "give one of them" 2

# A relative folder means one where the user is, not one in the pack.
case $prefix in
    '' | /*) ;;
    *) prefix=$PWD/$prefix ;;
esac

case $0 in
    */*) cd -- "${0%/*}" ;;
esac
here=$(pwd -P)
[ -f envbench-pack.json ] || fail "this script does not lie in its pack" "run it as: sh PACK/install.sh"

if has sha256sum; then
    check() { sha256sum -c SHA256SUMS 2>&1; }
elif has shasum; then
    check() { shasum -a 256 -c SHA256SUMS 2>&1; }
else
    fail "neither sha256sum nor shasum is there, so the pack cannot be checked" "install coreutils"
fi
say "checking $(wc -l <SHA256SUMS | tr -d ' ') files ..."
checked=$(check) || {
    printf '%s\n' "$checked" | sed '/: OK$/d' >&2
    fail "the pack is damaged: see above which files" "copy it again from where it came" 1
}

if [ -z "$tool" ]; then
    if [ -n "$prefix" ]; then
        tool=micromamba
    elif has envbench; then
        tool=envbench
    else
        tool=micromamba
    fi
fi

case $tool in
    envbench)
        has envbench || fail "envbench is not on PATH" "put it there, or use --tool micromamba"
        [ -z "$prefix" ] || fail "envbench keeps its environments in one folder and takes no --prefix" "use --name" 2
        if [ -n "$name" ]; then
            exec envbench build --from "$here" --name "$name"
        fi
        exec envbench build --from "$here"
        ;;
    micromamba)
        has micromamba || fail "neither envbench nor micromamba can be used" "put one of them on PATH"
        ;;
    *)
        fail "there is no tool '$tool'" "--tool envbench, or --tool micromamba" 2
        ;;
esac

# Addresses of files are absolute, and know no blanks.
encode() {
    printf '%s' "$1" | LC_ALL=C od -An -v -tx1 | LC_ALL=C awk -v digits=0123456789abcdef '{
        for (i = 1; i <= NF; i++) {
            code = 16 * (index(digits, substr($i, 1, 1)) - 1) + index(digits, substr($i, 2, 1)) - 1
            char = sprintf("%c", code)
            if (char ~ /^[A-Za-z0-9\/._~-]$/) printf "%s", char; else printf "%%%s", toupper($i)
        }
    }'
}

work=$(mktemp -d "${TMPDIR:-/tmp}/envbench-pack.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
channel=$(encode "$here/channel")
sed -e "s|^[a-z][a-z0-9]*://.*/\([^/]*/[^/]*\)\$|file://$channel/\1|" channel/explicit.txt >"$work/explicit.txt"

exists="micromamba would overwrite it; choose another one, or remove it first"
if [ -n "$prefix" ]; then
    [ ! -e "$prefix" ] || [ -z "$(ls -A -- "$prefix")" ] || fail "there is something at $prefix already" "$exists" 1
    micromamba create -y -p "$prefix" --offline -f "$work/explicit.txt"
else
    [ -n "$name" ] || name=$(sed -n "s/^name: *'\{0,1\}\([^']*\)'\{0,1\}\$/\1/p" environment.yml)
    ! micromamba run -n "$name" true >/dev/null 2>&1 || fail "there is an environment $name already" "$exists" 1
    micromamba create -y -n "$name" --offline -f "$work/explicit.txt"
    # shellcheck disable=SC2016 # the shell in the environment knows it
    prefix=$(micromamba run -n "$name" sh -c 'printf %s "$CONDA_PREFIX"')
fi
[ -d "$prefix/conda-meta" ] || fail "micromamba installed nothing in $prefix"

if [ -f variables.json ]; then
    cp variables.json "$prefix/conda-meta/state"
fi
if [ -f pip/requirements.txt ]; then
    # What the user has in the home directory is no part of the environment.
    export PYTHONNOUSERSITE=1
    "$prefix/bin/python" -m pip --version >/dev/null 2>&1 || fail \
        "the conda part is installed in $prefix, the pip part is not: there is no pip in it" \
        "add pip to the environment and pack it again, or install with envbench, which needs none"
    "$prefix/bin/python" -m pip --isolated install --no-index --find-links pip --no-deps --require-hashes \
        --disable-pip-version-check -r pip/requirements.txt
fi
say "done: $prefix"
