{{- define "standin.metadata" -}}
name: {{ .root.Release.Name }}
namespace: {{ .root.Release.Namespace }}
labels:
  app.kubernetes.io/instance: {{ .root.Release.Namespace | quote }}
  app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
  app.kubernetes.io/part-of: flux
  helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
  {{- with .given.labels }}{{ toYaml . | nindent 2 }}{{ end }}
{{- with .given.annotations }}
annotations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* The fields of a spec that are neither empty nor false: those are left to the type's own defaults. */ -}}
{{- define "standin.given" -}}
{{- range $key, $value := . }}
{{- if $value }}
{{ $key }}: {{ toJson $value }}
{{- end }}
{{- end }}
{{- end -}}
