#!/bin/sh
# Creates the configure script and the Makefile templates.
set -e
cd "$(dirname "$0")"

need () {
    command -v "$1" >/dev/null 2>&1 && return
    echo "boot.sh: $1 is needed, please install it (Debian: $2)" >&2
    exit 1
}
need autoreconf autoconf
need automake automake
need libtoolize libtool
need m4 m4

exec autoreconf --install --force --warnings=all,no-portability "$@"
