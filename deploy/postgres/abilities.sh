#!/bin/sh
# Prints what a PostgreSQL image lacks of what compose.yaml asks it for, as lines of .env; nothing where it lacks nothing.
# PostgreSQL may be built without TLS and without lz4: then connections within compose's network are in plain text, with
# SCRAM all the same, and what is archived is compressed by PostgreSQL's own way.
set -eu
image=${POSTGRES_IMAGE:-postgres:18}
docker run --rm --user postgres --entrypoint sh "$image" -euc '
  initdb --pgdata=/tmp/asked >/tmp/log 2>&1 || { cat /tmp/log >&2; exit 1; }
  [ -n "$(postgres -D /tmp/asked -C ssl_library)" ] || echo POSTGRES_CA_FILE=
  postgres -D /tmp/asked -c default_toast_compression=lz4 -C default_toast_compression >/tmp/log 2>&1 || echo POSTGRES_COMPRESSION=pglz
'
