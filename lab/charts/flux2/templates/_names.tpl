{{- define "standin.labels" -}}
app.kubernetes.io/instance: {{ .Release.Namespace | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: flux
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- /* Values key of a controller by its name. */ -}}
{{- define "standin.controllers" -}}
source-controller: sourceController
kustomize-controller: kustomizeController
helm-controller: helmController
notification-controller: notificationController
image-automation-controller: imageAutomationController
image-reflector-controller: imageReflectionController
{{- end -}}

{{- /* Security of a container, as Pod Security's restricted profile asks for it. */ -}}
{{- define "standin.restricted" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65534
seccompProfile:
  type: RuntimeDefault
{{- end -}}
