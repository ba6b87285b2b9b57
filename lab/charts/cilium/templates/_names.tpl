{{- define "standin.labels" -}}
app.kubernetes.io/part-of: cilium
{{- end -}}

{{- /* Where the agent finds the API, which without kube-proxy can't be the service of the cluster. */ -}}
{{- define "standin.apiEnv" -}}
{{- if .Values.k8sServiceHost }}
- name: KUBERNETES_SERVICE_HOST
  value: {{ .Values.k8sServiceHost | quote }}
- name: KUBERNETES_SERVICE_PORT
  value: {{ required "k8sServicePort is needed beside k8sServiceHost" .Values.k8sServicePort | quote }}
{{- end }}
{{- end -}}
