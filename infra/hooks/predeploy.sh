#!/bin/sh
# Before azd deploy: the zip, checked.
set -eu
go run . package --out byoe.zip
