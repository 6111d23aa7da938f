{{- /*
The workloads that are to run, complete and checked, as JSON: name to settings. All values that cannot work are refused
here, with the workload's name, the value and what would do.
*/}}
{{- define "millrace.workloads" -}}
{{- $all := dict }}
{{- range $name, $own := .Values.workloads }}
  {{- $workload := mergeOverwrite (deepCopy $.Values.defaults) (deepCopy ($own | default dict)) }}
  {{- $isLiveTail := eq $name "live-tail" }}
  {{- if and $workload.enabled (or (not $isLiveTail) $.Values.liveTail.enabled) }}
    {{- $_ := set $workload "isLiveTail" $isLiveTail }}
    {{- if $isLiveTail }}{{ $_ := set $workload.service "ports" (list (dict "name" "http" "port" $.Values.liveTail.port)) }}{{ end }}
    {{- $_ := set $workload "group" (default (printf "%s-%s" $.Values.config.kafka.groupPrefix $name) $workload.group) }}
    {{- $partitions := 0 }}
    {{- range $topic, $count := $workload.topics }}{{ $partitions = max $partitions (int $count) }}{{ end }}
    {{- $_ := set $workload "partitions" $partitions }}
    {{- include "millrace.checkWorkload" (dict "root" $ "name" $name "workload" $workload) }}
    {{- $_ := set $all $name $workload }}
  {{- end }}
{{- end }}
{{- toJson $all }}
{{- end }}

{{- /* Names of the workloads whose members are static, as JSON. */}}
{{- define "millrace.staticWorkloads" -}}
{{- $names := list }}
{{- range $name, $workload := include "millrace.workloads" . | fromJson }}
  {{- if $workload.staticMembership }}{{ $names = append $names $name }}{{ end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{- define "millrace.checkWorkload" -}}
{{- $where := printf "workloads.%s" .name }}
{{- $workload := .workload }}
{{- $scaling := $workload.autoscaling }}
{{- if not (or $workload.module $workload.args) }}
  {{- fail (printf "%s.module is empty: name the module of the topology, or set args" $where) }}
{{- end }}
{{- if ne $scaling.by "none" }}
  {{- $fit := 20 }}
  {{- if $workload.partitions }}{{ $fit = min 20 (div $workload.partitions $workload.threads) | int }}{{ end }}
  {{- $max := default $fit $scaling.maxReplicas | int }}
  {{- $_ := set $scaling "maxReplicas" $max }}
  {{- if and $workload.partitions (gt (mul $max $workload.threads) $workload.partitions) }}
    {{- fail (printf "%s.autoscaling.maxReplicas is %d: %d replicas x %d threads are more than the %d partitions of its topics, set at most %d" $where $max $max (int $workload.threads) $workload.partitions (div $workload.partitions $workload.threads)) }}
  {{- end }}
  {{- if gt (int $scaling.minReplicas) $max }}
    {{- fail (printf "%s.autoscaling.minReplicas is %d, more than maxReplicas %d (threads %d, partitions %d): lower it" $where (int $scaling.minReplicas) $max (int $workload.threads) $workload.partitions) }}
  {{- end }}
{{- else if and $workload.partitions (gt (mul $workload.replicas $workload.threads) $workload.partitions) }}
  {{- fail (printf "%s.replicas is %d: %d replicas x %d threads are more than the %d partitions of its topics, set at most %d" $where (int $workload.replicas) (int $workload.replicas) (int $workload.threads) $workload.partitions (div $workload.partitions $workload.threads)) }}
{{- end }}
{{- if and (eq $scaling.by "hpa") (lt (int $scaling.minReplicas) 1) }}
  {{- fail (printf "%s.autoscaling.minReplicas is 0, which only KEDA can do: set 1 or more, or by: keda" $where) }}
{{- end }}
{{- if eq $scaling.by "keda" }}{{ include "millrace.checkKeda" . }}{{ end }}
{{- $used := add $workload.memory.heapPercent $workload.memory.cachePercent }}
{{- if gt $used 80 }}
  {{- fail (printf "%s.memory.heapPercent and cachePercent are %d together: at most 80, the rest is for record buffers, code and the page cache of the state" $where $used) }}
{{- end }}
{{- if and $workload.staticMembership (ne $workload.kind "StatefulSet") }}
  {{- fail (printf "%s.staticMembership needs kind: StatefulSet, because the pods of a Deployment have new names after each restart" $where) }}
{{- end }}
{{- if and (eq $workload.rollout "migrate") (ne $workload.kind "Deployment") }}
  {{- fail (printf "%s.rollout is migrate, which needs kind: Deployment: a StatefulSet replaces its pods one by one" $where) }}
{{- end }}
{{- end }}

{{- /* Seconds from the order to stop to SIGKILL; refused when the worker could not drain in them. */}}
{{- define "millrace.gracePeriod" -}}
{{- $drain := div (add .Values.drainTimeoutMs 999) 1000 }}
{{- $least := add $drain .Values.preStopSeconds 10 }}
{{- $set := default $least .Values.terminationGracePeriodSeconds | int }}
{{- if lt $set (int $least) }}
  {{- fail (printf "terminationGracePeriodSeconds is %d: the worker needs preStopSeconds (%d), drainTimeoutMs (%d s) and 10 s, set at least %d, or leave it empty" $set (int .Values.preStopSeconds) $drain $least) }}
{{- end }}
{{- $set }}
{{- end }}

{{- /* A quantity of memory in MiB. */}}
{{- define "millrace.mebibytes" -}}
{{- $text := toString . }}
{{- $number := regexFind "^[0-9.]+" $text | float64 }}
{{- $unit := regexReplaceAll "^[0-9.]+" $text "" }}
{{- $factors := dict "" 1.0 "k" 1e3 "Ki" 1024.0 "M" 1e6 "Mi" 1048576.0 "G" 1e9 "Gi" 1073741824.0 "T" 1e12 "Ti" 1099511627776.0 }}
{{- if not (hasKey $factors $unit) }}{{ fail (printf "resources.limits.memory is %s: write a number with Mi or Gi" $text) }}{{ end }}
{{- divf (mulf $number (get $factors $unit)) 1048576.0 | floor | int }}
{{- end }}
