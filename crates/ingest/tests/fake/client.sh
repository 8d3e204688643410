#!/bin/sh
# Stands in for `python3 -m pip`, for `npm`, for `apt-get` and for `dpkg-deb`. The cache's root is two folders
# up; a test prepares it.
root=../..
if [ "$1" = "--fsys-tarfile" ]; then
    root=$(dirname "$2")/../..
    echo "$*" >> "$root/calls"
    cat "$2"
    case "$2" in *double.deb) cat "$2" ;; esac
    exit 0
fi
echo "$*" >> "$root/calls"
if [ -f "$root/say" ]; then
    cat "$root/say" >&2
    exit 3
fi
if [ -f "$root/hang" ]; then
    exec sleep 30
fi
cp "$root"/archive.* "$root"/double.* . 2> /dev/null
exit 0
