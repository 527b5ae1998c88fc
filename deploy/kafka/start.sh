#!/bin/bash
# Formats the broker's disk at the first start, then becomes the broker. `$1`: where clients outside find it.
set -euo pipefail
config=/etc/afterward/server.properties
/opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$(</run/secrets/cluster-id)" --config "$config"
exec /opt/kafka/bin/kafka-server-start.sh "$config" \
  --override "advertised.listeners=INTERNAL://kafka:9092,EXTERNAL://$1" \
  --override "super.users=User:kafka;User:admin${SUPER_USERS:+;$SUPER_USERS}"
