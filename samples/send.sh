#!/bin/sh
# Sends one event to the webhook, as Entra does, and prints the answer.
#
#   samples/send.sh [payload] [url]
#
# payload   a file with an event; sign-up.json beside this script where none is given
# url       the webhook; http://127.0.0.1:7071/api/EmailOtpSend where none is given
#
# TOKEN            the bearer token; where it is not set, the local tenant is asked for one
# DEV_TENANT_URL   the local tenant; http://127.0.0.1:7072 where it is not set
# ENTRA_TENANT_ID  its tenant id; the documentation's tenant where it is not set
#
# It ends with 0 for a 200, and with 1 for anything else.
set -eu

payload=${1:-$(dirname -- "$0")/sign-up.json}
url=${2:-http://127.0.0.1:7071/api/EmailOtpSend}
tenant_url=${DEV_TENANT_URL:-http://127.0.0.1:7072}
tenant_id=${ENTRA_TENANT_ID:-ffff5f5f-aa6a-bb7b-cc8c-dddddd9d9d9d}

fail() {
  echo "send.sh: $1" >&2
  exit 1
}

command -v curl >/dev/null || fail "curl is not installed"
[ -r "$payload" ] || fail "cannot read $payload"

token=${TOKEN:-}
if [ -z "$token" ]; then
  answer=$(curl --silent --max-time 5 --data grant_type=client_credentials \
    "$tenant_url/$tenant_id/oauth2/v2.0/token") ||
    fail "no local tenant answers at $tenant_url: start it with 'go run . dev', or set TOKEN"
  token=$(printf '%s' "$answer" | sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
  [ -n "$token" ] || fail "the local tenant at $tenant_url gave no token for the tenant $tenant_id"
fi

# The token goes in by standard input: as an argument every user of this machine could read it with ps. Entra waits two
# seconds for an answer; this waits longer, to show one that would have been too late. --data-binary, because --data
# would drop the line breaks; no Expect, because curl would wait a second for a server that does not know it.
answer=$(printf 'header = "Authorization: Bearer %s"\n' "$token" |
  curl --silent --show-error --config - --max-time 10 --header 'Content-Type: application/json' --header 'Expect:' \
    --data-binary "@$payload" --write-out '\n%{http_code} %{time_total}' "$url") ||
  fail "no answer from $url: is the webhook running?"

result=$(printf '%s\n' "$answer" | sed -n '$p')
status=${result% *}
printf '%s\n' "$answer" | sed '$d'
echo "status $status in ${result#* } s"
[ "$status" = 200 ]
