#!/bin/sh
# After azd deploy: waits for the first answer, and has the doctor look from outside.
set -eu
try=1
until curl --silent --show-error --fail --output /dev/null "https://$FUNCTION_APP_HOST/api/Health"; do
  [ "$try" -lt 12 ] || { echo "no answer from $FUNCTION_APP_HOST: see docs/deploy.md, When it does not start" >&2; exit 1; }
  try=$((try + 1))
  sleep 10
done
go run . doctor --only endpoint --endpoint "https://$FUNCTION_APP_HOST/api/EmailOtpSend"
echo "Next: byoe doctor with the app's settings, then byoe setup on --tenant ${ENTRA_TENANT_ID:-GUID}: from then on Entra calls the webhook."
