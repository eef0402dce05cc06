#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds istiod_server with the Go modules of one version of Istio. Usage: build.sh GO WORK OUT
set -eu
version=v0.0.0-20260827124520-eed52ebb66ad # 1.31
go=$1 work=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$work"
source=$("$go" mod download -json "istio.io/istio@$version" |
  sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
# Istio's own choice of modules: without it another set is built than the one they test.
cp "$source/go.mod" "$source/go.sum" "$here/server/main.go" "$work"
chmod u+w "$work/go.mod" "$work/go.sum" "$work/main.go"
cd "$work"
"$go" mod edit -module=istiod_server "-require=istio.io/istio@$version"
CGO_ENABLED=0 "$go" build -mod=mod -trimpath -ldflags "-s -w" -o "$out" .
