#!/usr/bin/env bash
# fetch.sh WHENCE COMMAND...: runs a command that downloads. When it fails because WHENCE cannot be reached, or because the disk
# is full, one line says so; for any other reason its own words are shown. The exit status is the command's. Run from the checkout's root.
set -u
whence=$1
shift
mkdir -p .cache
full="the disk of $PWD is full: setup needs 2.5 GB there, free some space, then run it again"
words=$(mktemp .cache/fetch.XXXXXX) || exit 1
trap 'rm -f "$words" "$words.room"' EXIT
has_room() { head -c 4096 /dev/zero > "$words.room"; } 2> /dev/null # a tool that fails on a full disk may keep no words of it
"$@" 2>"$words"
status=$?
# what pip, uv and npm say of a host that has no address, does not answer, or lies behind a proxy that does not
unreachable='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError'
unreachable+='|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|dns error|error sending request|operation timed out'
unreachable+='|connection refused|failed to establish a new connection|network is unreachable|name resolution|tunnel'
if ((status != 0)) && { grep -qiE 'no space left on device|ENOSPC|disk quota exceeded' "$words" || ! has_room; }; then
  echo "$full" >&2
elif ((status != 0)) && grep -qiE "$unreachable" "$words"; then
  echo "setup needs PyPI and npm, and $whence cannot be reached: connect, or name a mirror" \
    "(PIP_INDEX_URL and UV_DEFAULT_INDEX for PyPI, npm_config_registry for npm); its own words are in .cache/fetch.log" >&2
  mv "$words" .cache/fetch.log
else
  cat "$words" >&2
fi
exit "$status"
