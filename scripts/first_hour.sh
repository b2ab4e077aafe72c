#!/usr/bin/env bash
# first_hour.sh [FOLDER]: does in a fresh clone, with a fresh home, what the README has a new user do, and stops where it fails.
# The steps' words go to FOLDER/*.log. Root runs it as `nobody`, because a new user is no root. WITHOUT="test docs" leaves steps out.
set -eu -o pipefail
checkout=$(git -C "$(dirname "$0")/.." rev-parse --show-toplevel)
folder=${1:-$(mktemp -d "/var/tmp/first hour.XXXXXX")} # a path with a space, as some users have
if [[ $(id -u) == 0 ]]; then
  git clone --quiet "$checkout" "$folder/tandem"
  chown -R nobody "$folder"
  chmod 755 "$folder"
  exec setpriv --reuid "$(id -u nobody)" --regid "$(id -g nobody)" --clear-groups "$folder/tandem/scripts/first_hour.sh" "$folder"
fi
[[ -d $folder/tandem ]] || git clone --quiet "$checkout" "$folder/tandem"
mkdir -p "$folder/home"
cd "$folder/tandem"
# nothing of the caller's shell but where it finds programs, its mirrors of PyPI and npm and the certificates that they sign with
kept=()
while IFS= read -r name; do kept+=("$name=${!name}"); done < <(compgen -e | grep -iE '^(path|lang|pip_.*|uv_.*|npm_.*|ssl_.*|node_extra_ca_certs|requests_ca_bundle|.*_proxy)$')
# a shell that runs this in the background has SIGINT ignored, and make play would inherit that
fresh() { env --default-signal=INT --ignore-environment "${kept[@]}" HOME="$folder/home" TERM=dumb "$@"; }
without() { # NAME: whether a step is left out, which is said
  [[ " ${WITHOUT:-} " == *" $1 "* ]] || return 1
  echo "$1: left out"
}
step() { # NAME COMMAND...
  local name=$1 began=$SECONDS
  shift
  if without "$name"; then return 0; fi
  fresh "$@" > "$folder/$name.log" 2>&1 || { echo "$name failed after $((SECONDS - began)) s: see $folder/$name.log" >&2; exit 1; }
  echo "$name: $((SECONDS - began)) s"
}
small() { # a checkout after a drill takes less than 1.2 GB
  local megabytes
  megabytes=$(du --summarize --block-size=1000000 . | cut -f1)
  ((megabytes < 1200)) || { echo "the checkout takes $megabytes MB, at most 1200 asked: make size says what of it is where"; return 1; }
  echo "the checkout takes $megabytes MB after a drill, at most 1200 asked"
}
play() { # the page is there, a Region is lost by the command, Ctrl-C ends everything
  fresh make play > "$folder/page.log" 2>&1 &
  local make=$! address=
  for ((second = 0; second < 900; second++)); do
    address=$(grep -oE -m1 'http://127\.0\.0\.1:[0-9]+/[^ ]*' "$folder/page.log" | tail -n1) && break
    kill -0 $make || return 1
    sleep 1
  done
  fresh .venv/bin/python -c 'import sys, urllib.request; assert b"<button" in urllib.request.urlopen(sys.argv[1]).read()' "$address" || return 1
  kill -INT -- "-$make" # the whole job, as a terminal's Ctrl-C does
  wait $make || true
  ! pgrep --full "$folder/tandem/.venv" > /dev/null
}
step help make help
step drill make drill
without drill > /dev/null || small
step tandem .venv/bin/tandem --help
step report test -s build/drill/latest/report.html
set -m # so that play's processes are one job
without play || { play && echo "play: served and ended"; } || { echo "play failed: see $folder/page.log" >&2; exit 1; }
set +m
step synth make synth STAGE=prod ACCOUNT=000000000000
step costs make costs STAGE=prod RATE=100
step docs make docs
step test make test
echo "everything that the README asks for was done in $SECONDS s, in $folder"
