# Before azd deploy: the zip, checked.
$ErrorActionPreference = 'Stop'
go run . package --out byoe.zip
exit $LASTEXITCODE
