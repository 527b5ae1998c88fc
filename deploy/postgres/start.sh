#!/bin/bash
# PostgreSQL takes a key that only its own user may read; the mounted one belongs to whoever made it.
# SERVER_TLS: empty for a server that was built without TLS; then its own network is all that connections cross.
set -euo pipefail
if [ -z "${SERVER_TLS:-}" ]; then
  exec docker-entrypoint.sh postgres -c hba_file=/etc/afterward/pg_hba.plain.conf "$@"
fi
install -m 0600 /run/secrets/server.key /tmp/server.key
exec docker-entrypoint.sh postgres -c hba_file=/etc/afterward/pg_hba.conf \
  -c ssl=on -c ssl_cert_file=/run/secrets/server.crt -c ssl_key_file=/tmp/server.key -c ssl_min_protocol_version=TLSv1.3 "$@"
