#!/bin/sh
# Prints the file of a context for what compose runs here: deploy/context.sh >cluster.toml
# and `afterward context add NAME --file cluster.toml`. Again after replicas came, went or were started anew: ports change.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
secrets=${AFTERWARD_SECRETS:-$here/secrets}
address=${AFTERWARD_KAFKA_ADDRESS:-localhost:9094}

cd "$here"
echo '[services]'
docker compose ps --format '{{.Service}}{{range .Publishers}} {{.PublishedPort}}{{end}}' | sort | awk '
  $1 == "contact-delivery-worker" {$1 = "delivery-worker"}
  $1 ~ /^(kafka|postgres|prometheus|grafana)$/ || $2 == 0 {next}
  $1 != last {if (last) print "]"; printf "%s = [", $1; last = $1}
  {printf "\"https://localhost:%s\", ", $2}
  END {if (last) print "]"}'
cat <<END

[http]
ca_file = "$secrets/operator/ca.crt"
certificate_file = "$secrets/operator/http.crt"
key_file = "$secrets/operator/http.key"
purpose = "HOPERAT"

[kafka]
bootstrap_servers = "$address"
security_protocol = "SASL_SSL"
sasl_mechanism = "SCRAM-SHA-512"
username = "operator"
password_file = "$secrets/operator/kafka-password"
ca_file = "$secrets/operator/ca.crt"
END
