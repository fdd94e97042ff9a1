#!/bin/sh
# A packer for deno task compile where no runtime base can be had: OUT ENTRY FLAGS…
# Keeps what would be compiled beside OUT and starts it by deno run with the same flags.
set -eu
out=$1; entry=$2; shift 2
cp -r . "$out.d"
{
  echo '#!/bin/sh'
  printf 'exec deno run --quiet --no-prompt --config "%s/deno.json"' "$out.d"
  for flag in "$@"; do printf " '%s'" "$flag"; done
  printf ' "%s/%s" "$@"\n' "$out.d" "$entry"
} > "$out"
chmod +x "$out"
