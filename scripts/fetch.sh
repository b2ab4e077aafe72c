#!/usr/bin/env bash
# fetch.sh WHENCE COMMAND...: runs a command that downloads. When it fails because WHENCE cannot be reached, one line says so;
# for any other reason its own words are shown. The exit status is the command's. Run from the checkout's root.
set -u
whence=$1
shift
mkdir -p .cache
words=$(mktemp .cache/fetch.XXXXXX)
trap 'rm -f "$words"' EXIT
"$@" 2>"$words"
status=$?
# what pip, uv and npm say of a host that has no address, does not answer, or lies behind a proxy that does not
unreachable='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError'
unreachable+='|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|dns error|error sending request|operation timed out'
unreachable+='|connection refused|failed to establish a new connection|network is unreachable|name resolution|tunnel'
if ((status != 0)) && grep -qiE "$unreachable" "$words"; then
  echo "setup needs PyPI and npm, and $whence cannot be reached: connect, or name a mirror" \
    "(PIP_INDEX_URL and UV_DEFAULT_INDEX for PyPI, npm_config_registry for npm); its own words are in .cache/fetch.log" >&2
  mv "$words" .cache/fetch.log
else
  cat "$words" >&2
fi
exit "$status"
