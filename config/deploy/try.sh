#!/usr/bin/env bash
# A shell in which the two testnet names are a fake venue on this machine, to try the program without keys and without
# the internet:  deno task try [COMMAND…]
#
# Needs Linux with unshare, ip and openssl. The names, the certificate and the keys exist only inside; when the shell
# ends, the venue ends. What the bot wrote stays in ./data.
#
# The channels' names lead to fakes too: what the notifier sends is in the file that ABOT_TRY_MESSAGES names, and what is
# appended to ABOT_TRY_PHONE reaches it as if it were typed on the phone.
set -euo pipefail
cd "$(dirname "$0")/../.."
for tool in unshare ip openssl deno; do
  command -v "$tool" >/dev/null || { echo "try: $tool is needed and was not found" >&2; exit 1; }
done

if [ "${ABOT_TRY:-}" = "" ]; then
  deno cache --quiet --frozen src/programs/trader/main.ts src/programs/simulator/main.ts src/programs/notifier/main.ts \
    tests/support/channels/main.ts
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  as_root=()
  if [ "$(id -u)" != 0 ]; then as_root=(--map-root-user); fi
  # Not exec: the folder with the certificate is removed afterwards.
  ABOT_TRY=$work unshare "${as_root[@]}" --net --mount --pid --fork --kill-child bash "$0" "$@"
  exit
fi

work=$ABOT_TRY
names="api-testnet.bybit.com stream-testnet.bybit.com"
channels="api.telegram.org hooks.slack.com discord.com ntfy.sh hc-ping.com"
{
  echo "subjectAltName=$(printf 'DNS:%s,' $names $channels | sed 's/,$//')"
  echo "basicConstraints=CA:FALSE"
} > "$work/ext"
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
openssl req -x509 "${new_key[@]}" -keyout "$work/ca.key" -out "$work/ca.pem" -days 2 -subj /CN=throw-away 2>/dev/null
openssl req "${new_key[@]}" -keyout "$work/venue.key" -out "$work/venue.csr" -subj /CN=fake-venue 2>/dev/null
openssl x509 -req -in "$work/venue.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial \
  -out "$work/venue.pem" -days 2 -extfile "$work/ext" 2>/dev/null

printf '127.0.0.1 localhost %s\n127.0.0.2 %s\n' "$names" "$channels" > "$work/hosts"
mount --bind "$work/hosts" /etc/hosts
ip link set lo up
export BYBIT_TESTNET_API_KEY=trykey1234567 BYBIT_TESTNET_API_SECRET=trysecret1234567
deno task venue --port 443 --tls-cert "$work/venue.pem" --tls-key "$work/venue.key" \
  --key "$BYBIT_TESTNET_API_KEY" --secret "$BYBIT_TESTNET_API_SECRET" > "$work/venue.log" 2>&1 &
for _ in $(seq 100); do
  if grep -q "fake venue at" "$work/venue.log"; then break; fi
  sleep 0.1
done
grep "fake venue at" "$work/venue.log" || { cat "$work/venue.log" >&2; exit 1; }

export ABOT_TRY_MESSAGES=$work/messages ABOT_TRY_PHONE=$work/phone
touch "$ABOT_TRY_MESSAGES" "$ABOT_TRY_PHONE"
deno run --quiet --no-prompt --allow-net=127.0.0.2:443 --allow-read="$work" --allow-write="$work" \
  tests/support/channels/main.ts "$work" > "$work/channels.log" 2>&1 &
for _ in $(seq 100); do
  if grep -q "^export" "$work/channels.log"; then break; fi
  sleep 0.1
done
grep -q "^export" "$work/channels.log" || { cat "$work/channels.log" >&2; exit 1; }
# The secrets of the fakes, by the names of docs/alerts.md.
source "$work/channels.log"

# For the bot, and for curl.
export DENO_CERT=$work/ca.pem SSL_CERT_FILE=$work/ca.pem CURL_CA_BUNDLE=$work/ca.pem
unset ABOT_TRY
if [ $# -gt 0 ]; then
  "$@"
else
  echo "The testnet names are the fake venue in this shell; leave it with exit."
  echo "The channels' names are fakes too: tail -f \$ABOT_TRY_MESSAGES, and echo /status >> \$ABOT_TRY_PHONE"
  PS1='try> ' bash --norc -i
fi
