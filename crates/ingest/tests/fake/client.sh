#!/bin/sh
# Stands in for `python3 -m pip` and for `npm`. The cache's root is two folders up; a test prepares it.
root=../..
echo "$*" >> "$root/calls"
if [ -f "$root/say" ]; then
    cat "$root/say" >&2
    exit 3
fi
if [ -f "$root/hang" ]; then
    exec sleep 30
fi
cp "$root"/archive.* .
