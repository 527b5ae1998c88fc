{{- /* A number as it was written: Helm makes a large one 1e+06. */ -}}
{{- define "afterward.plain" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- define "afterward.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Of (dict "root" $ "name" "intake"). */ -}}
{{- define "afterward.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}

{{- define "afterward.labels" -}}
{{ include "afterward.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- /* The database of a process: contact's two have one. */ -}}
{{- define "afterward.service" -}}
{{ eq . "contact-delivery-worker" | ternary "contact" . }}
{{- end -}}

{{- define "afterward.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "afterward.containerSecurity" -}}
image: {{ include "afterward.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{- /* Settings of the bus, of (dict "root" $ "principal" "intake"). */ -}}
{{- define "afterward.busSettings" -}}
{{- $sasl := hasPrefix "SASL_" .root.Values.kafka.securityProtocol -}}
{{- with .root.Values.kafka -}}
AFTERWARD_BOOTSTRAP_SERVERS: {{ .bootstrapServers | quote }}
AFTERWARD_KAFKA_SECURITY_PROTOCOL: {{ .securityProtocol }}
{{- if hasSuffix "SSL" .securityProtocol }}
AFTERWARD_KAFKA_CA_FILE: /run/secrets/kafka-ca.crt
{{- end }}
{{- if eq .securityProtocol "SSL" }}
AFTERWARD_KAFKA_CERTIFICATE_FILE: /run/secrets/kafka.crt
AFTERWARD_KAFKA_KEY_FILE: /run/secrets/kafka.key
{{- end }}
{{- if $sasl }}
AFTERWARD_KAFKA_SASL_MECHANISM: {{ .saslMechanism }}
{{- if eq .saslMechanism "OAUTHBEARER" }}
AFTERWARD_KAFKA_TOKEN_URL: {{ .token.url | quote }}
AFTERWARD_KAFKA_CLIENT_ID: {{ .token.clientId | replace "{principal}" $.principal | quote }}
AFTERWARD_KAFKA_CLIENT_SECRET_FILE: /run/secrets/kafka-client-secret
{{- with .token.scope }}
AFTERWARD_KAFKA_SCOPE: {{ . | quote }}
{{- end }}
{{- else }}
AFTERWARD_KAFKA_USERNAME: {{ $.principal }}
AFTERWARD_KAFKA_PASSWORD_FILE: /run/secrets/kafka-password
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- /* Settings of the database, of (dict "root" $ "role" "intake_owner" "database" "intake"). */ -}}
{{- define "afterward.databaseSettings" -}}
AFTERWARD_DATABASE_DSN: {{ printf "postgresql://%s@%s:%v/%s" .role .root.Values.database.host .root.Values.database.port .database }}
AFTERWARD_DATABASE_PASSWORD_FILE: /run/secrets/database-password
AFTERWARD_DATABASE_CA_FILE: /run/secrets/database-ca.crt
{{- end -}}

{{- define "afterward.file" -}}
- secret:
    name: {{ .secret }}
    items: [{key: {{ .key }}, path: {{ .path }}}]
{{- end -}}

{{- define "afterward.busFiles" -}}
{{- with .root.Values.kafka }}
{{- if hasSuffix "SSL" .securityProtocol }}
{{ include "afterward.file" (dict "secret" .ca.secret "key" .ca.key "path" "kafka-ca.crt") }}
{{- end }}
{{- if eq .securityProtocol "SSL" }}
{{- $secret := .certificate.secret | replace "{principal}" $.principal }}
{{ include "afterward.file" (dict "secret" $secret "key" .certificate.certificateKey "path" "kafka.crt") }}
{{ include "afterward.file" (dict "secret" $secret "key" .certificate.keyKey "path" "kafka.key") }}
{{- else if hasPrefix "SASL_" .securityProtocol }}
{{- $token := eq .saslMechanism "OAUTHBEARER" }}
{{- $from := $token | ternary .token .password }}
{{- $path := $token | ternary "kafka-client-secret" "kafka-password" }}
{{ include "afterward.file" (dict "secret" ($from.secret | replace "{principal}" $.principal) "key" $from.key "path" $path) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "afterward.databaseFiles" -}}
{{- with .root.Values.database }}
{{ include "afterward.file" (dict "secret" .ca.secret "key" .ca.key "path" "database-ca.crt") }}
{{ include "afterward.file" (dict "secret" (include "afterward.roleSecret" (dict "root" $.root "role" $.role)) "key" .password.key "path" "database-password") }}
{{- end }}
{{- end -}}

{{- define "afterward.roleSecret" -}}
{{ .root.Values.database.password.secret | replace "{role}" (.role | replace "_" "-") }}
{{- end -}}

{{- define "afterward.httpFiles" -}}
{{- with .root.Values.http }}
{{- if .tls.enabled }}
{{- $secret := .tls.secret | replace "{process}" $.name }}
{{ include "afterward.file" (dict "secret" $secret "key" .tls.certificateKey "path" "http.crt") }}
{{ include "afterward.file" (dict "secret" $secret "key" .tls.keyKey "path" "http.key") }}
{{- end }}
{{- if .clientCertificates.enabled }}
{{ include "afterward.file" (dict "secret" .clientCertificates.secret "key" .clientCertificates.key "path" "readers-ca.crt") }}
{{- end }}
{{- end }}
{{- end -}}
