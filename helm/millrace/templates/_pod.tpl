{{- /* The environment of a worker or a job: (dict "root" $ "workload" $workload), or without a workload. */}}
{{- define "millrace.env" -}}
{{- $values := .root.Values }}
{{- $kafka := $values.config.kafka }}
- { name: KAFKA_BOOTSTRAP_SERVERS, value: {{ $kafka.bootstrapServers | quote }} }
- { name: KAFKA_TLS, value: {{ $kafka.tls.enabled | quote }} }
{{- if $kafka.tls.ca }}
- { name: KAFKA_TLS_CA_FILE, value: /etc/millrace/kafka/ca.pem }
{{- end }}
{{- if $kafka.tls.clientCertificate }}
- { name: KAFKA_TLS_CERT_FILE, value: /etc/millrace/kafka/cert.pem }
- { name: KAFKA_TLS_KEY_FILE, value: /etc/millrace/kafka/key.pem }
{{- end }}
- { name: KAFKA_GROUP_PREFIX, value: {{ $kafka.groupPrefix | quote }} }
- { name: KAFKA_OFFSET_RESET, value: {{ $kafka.offsetReset | quote }} }
- { name: KAFKA_OFFSET_OUT_OF_RANGE, value: {{ $kafka.offsetOutOfRange | quote }} }
{{- with $kafka.saslMechanism }}
- { name: KAFKA_SASL_MECHANISM, value: {{ . | quote }} }
{{- end }}
{{- with $values.config.schemaRegistry.url }}
- { name: SCHEMA_REGISTRY_URL, value: {{ . | quote }} }
{{- end }}
{{- with $values.config.elasticsearch.url }}
- { name: ELASTICSEARCH_URL, value: {{ . | quote }} }
{{- end }}
{{- with $values.config.elasticsearch.username }}
- { name: ELASTICSEARCH_USERNAME, value: {{ . | quote }} }
{{- end }}
{{- with $values.config.splunk.url }}
- { name: SPLUNK_HEC_URL, value: {{ . | quote }} }
{{- end }}
{{- with $values.config.redis }}
{{- if .url }}
- { name: REDIS_URL, value: {{ .url | quote }} }
- { name: REDIS_CLUSTER, value: {{ .cluster | quote }} }
{{- with .username }}
- { name: REDIS_USERNAME, value: {{ . | quote }} }
{{- end }}
{{- end }}
{{- end }}
- { name: LOG_LEVEL, value: {{ $values.config.logLevel | quote }} }
- { name: COMMIT_INTERVAL_MS, value: {{ default $values.config.commitIntervalMs (get (default dict .workload) "commitIntervalMs") | int | quote }} }
- { name: PROCESSING_GUARANTEE, value: {{ $values.config.processingGuarantee | quote }} }
- { name: DRAIN_TIMEOUT_MS, value: {{ $values.drainTimeoutMs | int | quote }} }
- { name: STATE_DIRECTORY, value: /var/lib/millrace }
- { name: OPS_HOST, value: 0.0.0.0 }
- name: OPS_ADVERTISED_HOST
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
- { name: OPS_PORT, value: {{ $values.ops.port | quote }} }
{{- if $values.liveTail.enabled }}
- { name: LIVE_TAIL_TOPIC, value: {{ $values.liveTail.topic | quote }} }
{{- end }}
{{- if get (default dict .workload) "isLiveTail" }}
{{- include "millrace.liveTailEnv" $values.liveTail }}
{{- if $values.liveTail.streams }}
- { name: LIVE_TAIL_WORKERS, value: "{{ include "millrace.fullname" .root }}-ops:{{ $values.ops.port }}" }
{{- end }}
- name: LIVE_TAIL_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ $values.existingSecret }}, key: LIVE_TAIL_TOKEN, optional: true }
{{- end }}
{{- range $secret := include "millrace.secretKeys" .root | fromJsonArray }}
- name: {{ $secret }}
  valueFrom:
    secretKeyRef: { name: {{ $values.existingSecret }}, key: {{ $secret }}, optional: {{ ne $secret "OPS_TOKEN" }} }
{{- end }}
{{- with .workload }}
{{- $limit := include "millrace.mebibytes" .resources.limits.memory | int }}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
{{- with .group }}
- { name: APPLICATION_ID, value: {{ . | quote }} }
{{- end }}
{{- if .staticMembership }}
- { name: KAFKA_GROUP_INSTANCE_ID, value: $(POD_NAME) }
- { name: KAFKA_LEAVE_GROUP_FILE, value: /tmp/leave-group }
{{- end }}
- { name: THREADS, value: {{ .threads | quote }} }
- { name: THREAD_KIND, value: {{ .threadKind | quote }} }
- { name: NODE_OPTIONS, value: --max-old-space-size={{ div (mul $limit .memory.heapPercent) 100 }} }
- { name: CACHE_BYTES_MAX, value: {{ div (mul $limit 1048576 .memory.cachePercent) 100 | quote }} }
{{- if .pipeline }}
- { name: PIPELINE_FILE, value: /etc/millrace/pipeline/pipeline.yaml }
{{- end }}
{{- with .extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Keys of the secret that become variables of the same name. */}}
{{- define "millrace.secretKeys" -}}
{{- $keys := list "OPS_TOKEN" "ELASTICSEARCH_PASSWORD" "ELASTICSEARCH_API_KEY" "SPLUNK_HEC_TOKEN" "REDIS_PASSWORD" "COLLECTOR_TOKEN" "SCHEMA_REGISTRY_PASSWORD" }}
{{- if .Values.config.kafka.saslMechanism }}{{ $keys = concat $keys (list "KAFKA_SASL_USERNAME" "KAFKA_SASL_PASSWORD") }}{{ end }}
{{- toJson $keys }}
{{- end }}

{{- /* Files of the secret for TLS to Kafka: key of the secret to name of the file. */}}
{{- define "millrace.tlsItems" -}}
{{- $tls := .Values.config.kafka.tls }}
{{- if $tls.ca }}
- { key: KAFKA_TLS_CA, path: ca.pem }
{{- end }}
{{- if $tls.clientCertificate }}
- { key: KAFKA_TLS_CERT, path: cert.pem }
- { key: KAFKA_TLS_KEY, path: key.pem }
{{- end }}
{{- end }}

{{- define "millrace.image" -}}
{{- $image := mergeOverwrite (deepCopy .root.Values.image) (deepCopy (default dict .image)) }}
{{- printf "%s:%s" $image.repository (default .root.Chart.AppVersion $image.tag) }}
{{- end }}

{{- define "millrace.command" -}}
{{- with .command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
args: {{- toYaml .args | nindent 2 }}
{{- end }}

{{- /* One container: (dict "root" $ "workload" $workload "name" … "command" … "args" …) */}}
{{- define "millrace.container" -}}
name: {{ .name }}
image: {{ include "millrace.image" (dict "root" .root "image" .workload.image) | quote }}
imagePullPolicy: {{ default .root.Values.image.pullPolicy .workload.image.pullPolicy }}
{{- include "millrace.command" . }}
env: {{- include "millrace.env" . | trim | nindent 2 }}
{{- with .workload.extraEnvFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
resources: {{- toYaml .workload.resources | nindent 2 }}
securityContext: {{- toYaml .root.Values.securityContext | nindent 2 }}
volumeMounts:
  - { name: state, mountPath: /var/lib/millrace }
  - { name: tmp, mountPath: /tmp }
  {{- if include "millrace.tlsItems" .root | trim }}
  - { name: kafka-tls, mountPath: /etc/millrace/kafka, readOnly: true }
  {{- end }}
  {{- if .workload.pipeline }}
  - { name: pipeline, mountPath: /etc/millrace/pipeline, readOnly: true }
  {{- end }}
  {{- if and .workload.isLiveTail .root.Values.liveTail.tokens }}
  - { name: live-tail-tokens, mountPath: /etc/millrace/live-tail, readOnly: true }
  {{- end }}
  {{- if .workload.staticMembership }}
  - { name: api-access, mountPath: /var/run/secrets/millrace, readOnly: true }
  {{- end }}
  {{- with .workload.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "millrace.volumes" -}}
- { name: tmp, emptyDir: {} }
{{- with include "millrace.tlsItems" .root | trim }}
- name: kafka-tls
  secret:
    secretName: {{ $.root.Values.existingSecret }}
    items: {{- . | nindent 6 }}
{{- end }}
{{- if .workload.pipeline }}
- name: pipeline
  configMap: { name: {{ include "millrace.fullname" .root }}-{{ .name }} }
{{- end }}
{{- if and .workload.isLiveTail .root.Values.liveTail.tokens }}
- name: live-tail-tokens
  secret:
    secretName: {{ .root.Values.existingSecret }}
    items: [{ key: LIVE_TAIL_TOKENS, path: tokens.yaml }]
{{- end }}
{{- with .workload.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* What the volume `pipeline` of a workload or job holds: (dict "root" $ "name" $name "workload" $workload) */}}
{{- define "millrace.pipelineConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "millrace.metadata" . | nindent 2 }}
  {{- with .annotations }}
  annotations: {{- . | nindent 4 }}
  {{- end }}
data:
  pipeline.yaml: {{ .workload.pipeline | quote }}
{{- end }}

{{- /* The pods of a workload: (dict "root" $ "name" $name "workload" $workload) */}}
{{- define "millrace.podTemplate" -}}
{{- $values := .root.Values }}
{{- $workload := .workload }}
metadata:
  labels:
    {{- include "millrace.componentSelector" . | nindent 4 }}
    {{- with $workload.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- $annotations := deepCopy (default dict $workload.podAnnotations) }}
  {{- if $workload.pipeline }}{{ $_ := set $annotations "millrace/pipeline" (sha256sum $workload.pipeline) }}{{ end }}
  {{- with $annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "millrace.serviceAccount" .root }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ include "millrace.gracePeriod" .root }}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext: {{- toYaml $values.podSecurityContext | nindent 4 }}
  topologySpreadConstraints:
    {{- range $key := $values.topologySpread.keys }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: {{ $values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels: {{- include "millrace.componentSelector" $ | nindent 10 }}
    {{- end }}
  {{- if and (eq $workload.rollout "migrate") $workload.migrateArgs }}
  initContainers:
    - {{ include "millrace.container" (mustMerge (dict "name" "migrate" "command" $workload.command "args" $workload.migrateArgs) .) | nindent 6 | trim }}
  {{- end }}
  containers:
    - {{ include "millrace.container" (mustMerge (dict "name" "worker" "command" $workload.command "args" (default (append $values.runner $workload.module) $workload.args)) .) | nindent 6 | trim }}
      ports:
        - { name: ops, containerPort: {{ $values.ops.port }} }
        {{- range $workload.service.ports }}
        - { name: {{ .name }}, containerPort: {{ .port }}, protocol: {{ default "TCP" .protocol }} }
        {{- end }}
      startupProbe:
        httpGet: { path: /live, port: ops }
        periodSeconds: 5
        failureThreshold: {{ div (add $values.restoreTimeoutSeconds 4) 5 }}
      livenessProbe:
        httpGet: { path: /live, port: ops }
        periodSeconds: 10
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /ready, port: ops }
        periodSeconds: 5
      {{- if $workload.staticMembership }}
      lifecycle:
        preStop:
          exec:
            command:
              - node
              - -e
              - {{ .root.Files.Get "files/leave-on-scale-in.cjs" | toJson }}
              - /apis/apps/v1/namespaces/{{ .root.Release.Namespace }}/statefulsets/{{ include "millrace.fullname" .root }}-{{ .name }}
              - /var/run/secrets/millrace
              - {{ $values.preStopSeconds | quote }}
      {{- else if gt (int $values.preStopSeconds) 0 }}
      lifecycle:
        preStop:
          exec: { command: [node, -e, "setTimeout(() => {}, {{ mul $values.preStopSeconds 1000 }})"] }
      {{- end }}
  volumes:
    {{- include "millrace.volumes" . | nindent 4 }}
    {{- if ne $workload.kind "StatefulSet" }}
    - { name: state, emptyDir: { sizeLimit: {{ $workload.state.size }} } }
    {{- end }}
    {{- if $workload.staticMembership }}
    - name: api-access
      projected:
        sources:
          - serviceAccountToken: { path: token, expirationSeconds: 3600 }
          - configMap: { name: kube-root-ca.crt, items: [{ key: ca.crt, path: ca.crt }] }
    {{- end }}
  {{- with $workload.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $workload.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $workload.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
