#!/bin/sh
# Makes all secrets of compose.yaml in the folder `secrets` beside it: an authority, certificates and passwords.
# What is there stays as it is, so it may run again: delete a file to have it made anew, then restart who reads it.
#
# The folder is its owner's alone; what lies in it can be read by whoever reaches it. So a container reads what is
# mounted into it, as the user that it runs as, and nobody else on this machine reads anything.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
out=${AFTERWARD_SECRETS:-$here/secrets}
days=${AFTERWARD_CERTIFICATE_DAYS:-825}
services="directory intake treatment discharge followup primarycare consultation bulletin contact"
processes="$services contact-delivery-worker"

command -v openssl >/dev/null || { echo "secrets.sh needs openssl." >&2; exit 1; }
mkdir -p "$out"
chmod 0700 "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

made=0
is_there() { [ -s "$1" ] && return; made=$((made + 1)); mkdir -p "$(dirname "$1")"; return 1; }
password() { is_there "$1" || openssl rand -hex 24 | tr -d '\n' >"$1"; }                      # FILE
copy() { mkdir -p "$(dirname "$2")"; cmp -s "$1" "$2" || cp -f "$1" "$2"; }                      # FROM TO

if ! is_there "$out/authority/ca.crt"; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days 3650 -subj "/CN=Afterward's authority" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
    -keyout "$out/authority/ca.key" -out "$out/authority/ca.crt" 2>/dev/null
fi

certificate() { # FILE.crt FILE.key COMMON-NAME USAGE NAMES
  is_there "$1" && return
  rm -f "$1" "$2"
  printf 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$4" "$5" >"$work/extensions"
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$3" -keyout "$2" -out "$work/request" 2>/dev/null
  openssl x509 -req -in "$work/request" -CA "$out/authority/ca.crt" -CAkey "$out/authority/ca.key" -CAcreateserial \
    -CAserial "$work/serial" -days "$days" -sha256 -extfile "$work/extensions" -out "$1" 2>/dev/null
}

for name in $processes; do
  copy "$out/authority/ca.crt" "$out/$name/ca.crt"
  password "$out/$name/kafka-password"
  certificate "$out/$name/http.crt" "$out/$name/http.key" "$name" serverAuth "DNS:$name,DNS:afterward,DNS:localhost,IP:127.0.0.1"
  is_there "$out/$name/readers.json" ||
    printf '{"operator": {"scopes": ["read:cases", "read:worklists", "operate"]}}\n' >"$out/$name/readers.json"
  copy "$out/$name/kafka-password" "$out/jobs/users/$name"
done
for name in $services; do
  password "$out/$name/database-password"
  password "$out/jobs/roles/${name}_owner"
  copy "$out/$name/database-password" "$out/jobs/roles/$name"
done
copy "$out/contact/database-password" "$out/contact-delivery-worker/database-password"

copy "$out/authority/ca.crt" "$out/operator/ca.crt"
password "$out/operator/kafka-password"
copy "$out/operator/kafka-password" "$out/jobs/users/operator"
certificate "$out/operator/http.crt" "$out/operator/http.key" operator clientAuth "DNS:operator"

copy "$out/authority/ca.crt" "$out/postgres/ca.crt"
password "$out/postgres/password"
certificate "$out/postgres/server.crt" "$out/postgres/server.key" postgres serverAuth "DNS:postgres,DNS:localhost,IP:127.0.0.1"

copy "$out/authority/ca.crt" "$out/kafka/ca.crt"
password "$out/kafka/kafka-password"
password "$out/kafka/admin-password"
is_there "$out/kafka/cluster-id" || openssl rand 16 | openssl base64 | tr '+/' '-_' | tr -d '=\n' >"$out/kafka/cluster-id"
certificate "$out/kafka/server.crt" "$out/kafka/server.key" kafka serverAuth \
  "DNS:kafka,DNS:localhost,IP:127.0.0.1${AFTERWARD_KAFKA_NAME:+,DNS:$AFTERWARD_KAFKA_NAME}"
cat "$out/kafka/server.key" "$out/kafka/server.crt" "$out/authority/ca.crt" >"$work/kafka.pem"
copy "$work/kafka.pem" "$out/kafka/kafka.pem"

copy "$out/authority/ca.crt" "$out/jobs/ca.crt"
copy "$out/kafka/admin-password" "$out/jobs/kafka-password"
copy "$out/postgres/password" "$out/jobs/postgres-password"
copy "$out/authority/ca.crt" "$out/metrics/ca.crt"
password "$out/metrics/grafana-password"

find "$out" -mindepth 1 -type d -exec chmod 0755 {} +
find "$out" -type f -exec chmod 0444 {} +
chmod 0700 "$out/authority" "$out/operator"
find "$out/authority" "$out/operator" -type f -exec chmod 0600 {} +

# Compose reads this file by itself; without it, or the variable, it refuses to start.
if [ -z "${AFTERWARD_SECRETS:-}" ] && [ ! -e "$here/.env" ]; then
  lacking=$("$here/postgres/abilities.sh") || lacking=
  printf 'AFTERWARD_SECRETS=%s\n%s' "$out" "${lacking:+$lacking
}" >"$here/.env"
  [ -z "$lacking" ] || echo "PostgreSQL's image lacks something that compose.yaml asks for; .env has it without:" $lacking
fi
echo "$made secrets made in $out"
