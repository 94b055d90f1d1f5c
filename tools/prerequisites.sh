#!/usr/bin/env bash
# Makes sure of what is not Python: on Debian as root it is installed, elsewhere said.
# Usage: tools/prerequisites.sh PROGRAM...   Exit 1: something is missing, and was named.
set -euo pipefail

package_of() {
    case "$1" in
        sipp) echo sip-tester ;;
        redis-server) echo redis-server ;;
        espeak-ng) echo espeak-ng ;;
        sox) echo sox ;;
        tcpdump) echo tcpdump ;;
        setpriv) echo util-linux ;;
        venv) echo python3-venv ;;
        tzdata) echo tzdata ;;
        chromium) echo chromium ;;
        openssl) echo openssl ;;
        stress) echo stress ;;
        *) echo "tools/prerequisites.sh knows no program '$1'" >&2; exit 2 ;;
    esac
}

has() {
    if [ "$1" = venv ]; then
        "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null
    elif [ "$1" = tzdata ]; then
        [ -e /usr/share/zoneinfo/Europe/Stockholm ]
    else
        # Debian keeps servers and setpriv out of an ordinary user's path.
        PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null
    fi
}

missing=()
for program in "$@"; do
    has "$program" || missing+=("$(package_of "$program")")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    # A server that a package brings is for tests to start, not for the machine.
    printf '#!/bin/sh\nexit 101\n' > /tmp/samko-policy-rc.d
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        install -m 755 /tmp/samko-policy-rc.d "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    log=$(mktemp)
    if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        echo "could not install ${missing[*]}; the log is in $log" >&2
        exit 1
    fi
    rm -f "$log" /tmp/samko-policy-rc.d
else
    echo "missing: ${missing[*]} (Debian's names); install with: apt-get install ${missing[*]}" >&2
    exit 1
fi
