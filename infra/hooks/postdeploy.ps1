# After azd deploy: waits for the first answer, and has the doctor look from outside.
$ErrorActionPreference = 'Stop'
for ($try = 1; ; $try++) {
    try {
        $null = Invoke-WebRequest -Uri "https://$env:FUNCTION_APP_HOST/api/Health"
        break
    }
    catch {
        if ($try -ge 12) { throw "no answer from ${env:FUNCTION_APP_HOST}: see docs/deploy.md, When it does not start" }
        Start-Sleep -Seconds 10
    }
}
go run . doctor --only endpoint --endpoint "https://$env:FUNCTION_APP_HOST/api/EmailOtpSend"
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Write-Output "Next: byoe doctor with the app's settings, then byoe setup on --tenant ${env:ENTRA_TENANT_ID}: from then on Entra calls the webhook."
