#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes what the programs read: a CA and a certificate for localhost (ca.pem, chain.pem, key.pem),
# valid for a day, and a mesh without anything that they ask for. Usage: prepare.sh DIR
set -euo pipefail
mkdir -p "$1/mesh"
cd "$1"
new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
openssl req -x509 "${new_key[@]}" -keyout ca_key.pem -out ca.pem -days 1 -subj "/CN=Test CA" \
  -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl req "${new_key[@]}" -keyout key.pem -out request.pem -subj "/CN=localhost" 2>/dev/null
openssl x509 -req -in request.pem -CA ca.pem -CAkey ca_key.pem -CAcreateserial -days 1 \
  -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n') -out chain.pem 2>/dev/null
cat >mesh/service.yaml <<MANIFEST
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {ports: [{name: http, port: 80}]}
MANIFEST
