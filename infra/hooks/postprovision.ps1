# After azd provision: the key of byoe's hashes goes into the vault, the Entra side is made ready, and the Function App learns of it.
# azd gives the outputs of main.bicep and its own environment as variables. A second run finds everything there and does nothing.
$ErrorActionPreference = 'Stop'

az keyvault secret show --vault-name $env:KEY_VAULT_NAME --name BYOE-HASH-KEY --query id --output none 2>$null
if ($LASTEXITCODE -ne 0) {
    $bytes = [byte[]]::new(48)
    [System.Security.Cryptography.RandomNumberGenerator]::Fill($bytes)
    $file = New-TemporaryFile # not an argument: those are seen by everybody on the machine
    try {
        [System.IO.File]::WriteAllText($file.FullName, [Convert]::ToBase64String($bytes))
        for ($try = 1; ; $try++) { # a role takes minutes until it counts
            az keyvault secret set --vault-name $env:KEY_VAULT_NAME --name BYOE-HASH-KEY --file $file.FullName --output none
            if ($LASTEXITCODE -eq 0) { break }
            if ($try -ge 10) { throw "the vault $env:KEY_VAULT_NAME cannot be written: is AZURE_PRINCIPAL_ID you?" }
            Start-Sleep -Seconds 30
        }
    }
    finally { Remove-Item $file }
}

if ($env:ENTRA_AUDIENCE) { exit 0 } # the Entra side is there; byoe setup plan says whether it is as wanted
if (-not $env:ENTRA_TENANT_ID) {
    Write-Output 'Next: azd env set ENTRA_TENANT_ID <id of the external tenant>, and azd provision once more.'
    exit 0
}

$appTenant = if ($env:AZURE_TENANT_ID) { $env:AZURE_TENANT_ID } else { az account show --query tenantId --output tsv }
$signIn = if ($env:BYOE_SIGN_IN) { $env:BYOE_SIGN_IN } else { 'device' }

# --prepare: no code goes to the webhook before byoe setup on.
$report = go run . setup apply --prepare --tenant $env:ENTRA_TENANT_ID --sign-in $signIn `
    --function-app $env:FUNCTION_APP_ID --app-tenant $appTenant --app-sign-in cli
$failed = $LASTEXITCODE
$report | Write-Output
if ($failed -ne 0) { exit $failed }

# The next azd provision sets every setting anew, so it has to know these.
foreach ($line in $report) {
    if ($line -match '^  (ENTRA_[A-Z_]*)=(.*)$') { azd env set $Matches[1] $Matches[2] }
}
