{{- /* Options of a ScaledObject, with the version of KEDA that knows them: KEDA says nothing about one that it does not know. */}}
{{- define "millrace.kedaOptions" -}}
{{- $keda := .autoscaling.keda }}
{{- $needs := dict }}
{{- if $keda.limitToPartitionsWithLag }}{{ $_ := set $needs "limitToPartitionsWithLag" "2.13" }}{{ end }}
{{- if $keda.evenPartitions }}{{ $_ := set $needs "evenPartitions" "2.18" }}{{ end }}
{{- if $keda.excludeStuckPartitions }}{{ $_ := set $needs "excludeStuckPartitions" "2.9" }}{{ end }}
{{- if $keda.age.serverAddress }}{{ $_ := set $needs "age" "2.18" }}{{ end }}
{{- if ne $keda.fallback.behavior "static" }}{{ $_ := set $needs "fallback.behavior" "2.17" }}{{ end }}
{{- toJson $needs }}
{{- end }}

{{- define "millrace.checkKeda" -}}
{{- $where := printf "workloads.%s.autoscaling" .name }}
{{- $keda := .workload.autoscaling.keda }}
{{- $scaling := .workload.autoscaling }}
{{- if not .workload.topics }}
  {{- fail (printf "workloads.%s.topics is empty: KEDA needs the input topics with their partitions" .name) }}
{{- end }}
{{- range $option, $version := include "millrace.kedaOptions" .workload | fromJson }}
  {{- if semverCompare (printf "< %s" $version) (toString $keda.version) }}
    {{- fail (printf "%s.keda.%s needs KEDA %s: keda.version is %s, which would ignore it" $where $option $version (toString $keda.version)) }}
  {{- end }}
{{- end }}
{{- if and $keda.excludeStuckPartitions (le (mul $keda.pollingIntervalSeconds 1000) (int64 .root.Values.config.commitIntervalMs)) }}
  {{- fail (printf "%s.keda.pollingIntervalSeconds is %d: with excludeStuckPartitions it must be longer than config.commitIntervalMs (%d), or every partition seems stuck" $where (int $keda.pollingIntervalSeconds) (int .root.Values.config.commitIntervalMs)) }}
{{- end }}
{{- if gt (int $keda.fallback.replicas) (int $scaling.maxReplicas) }}
  {{- $_ := set $keda.fallback "replicas" $scaling.maxReplicas }}
{{- end }}
{{- if and $keda.age.serverAddress (lt (int $scaling.minReplicas) 1) }}
  {{- fail (printf "%s.keda.age needs minReplicas of 1 or more: without a pod nothing knows the age" $where) }}
{{- end }}
{{- if and (gt (int $scaling.minReplicas) 0) (gt (int $keda.activationLag) 0) }}
  {{- fail (printf "%s.keda.activationLag is %d, which has no meaning with minReplicas %d: set minReplicas 0, or leave it out" $where (int $keda.activationLag) (int $scaling.minReplicas)) }}
{{- end }}
{{- end }}
