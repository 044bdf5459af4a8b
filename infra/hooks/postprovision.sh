#!/bin/sh
# After azd provision: the key of byoe's hashes goes into the vault, the Entra side is made ready, and the Function App learns of it.
# azd gives the outputs of main.bicep and its own environment as variables. A second run finds everything there and does nothing.
set -eu

if ! az keyvault secret show --vault-name "$KEY_VAULT_NAME" --name BYOE-HASH-KEY --query id --output none 2>/dev/null; then
  file=$(mktemp) # not an argument: those are seen by everybody on the machine
  trap 'rm -f "$file"' EXIT
  head -c 48 /dev/urandom | base64 | tr -d '\n' >"$file"
  try=1 # a role takes minutes until it counts
  until az keyvault secret set --vault-name "$KEY_VAULT_NAME" --name BYOE-HASH-KEY --file "$file" --output none; do
    [ "$try" -lt 10 ] || { echo "the vault $KEY_VAULT_NAME cannot be written: is AZURE_PRINCIPAL_ID you?" >&2; exit 1; }
    try=$((try + 1))
    sleep 30
  done
fi

if [ -n "${ENTRA_AUDIENCE:-}" ]; then
  exit 0 # the Entra side is there; byoe setup plan says whether it is as wanted
fi
if [ -z "${ENTRA_TENANT_ID:-}" ]; then
  echo "Next: azd env set ENTRA_TENANT_ID <id of the external tenant>, and azd provision once more."
  exit 0
fi

# --prepare: no code goes to the webhook before byoe setup on.
report=$(go run . setup apply --prepare --tenant "$ENTRA_TENANT_ID" --sign-in "${BYOE_SIGN_IN:-device}" \
  --function-app "$FUNCTION_APP_ID" --app-tenant "${AZURE_TENANT_ID:-$(az account show --query tenantId --output tsv)}" --app-sign-in cli) ||
  { code=$?; printf '%s\n' "$report"; exit "$code"; }
printf '%s\n' "$report"

# The next azd provision sets every setting anew, so it has to know these.
printf '%s\n' "$report" | sed -n 's/^  \(ENTRA_[A-Z_]*\)=\(.*\)$/\1 \2/p' | while read -r name value; do
  azd env set "$name" "$value"
done
