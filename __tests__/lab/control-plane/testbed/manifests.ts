/** kube-vip as the product renders it in principle: a DaemonSet that talks to the API server of its own node. */
export const kubeVip = (vip: string): string => `
apiVersion: v1
kind: ServiceAccount
metadata: { name: kube-vip, namespace: kube-system }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: 'system:kube-vip-role' }
rules:
  - { apiGroups: [''], resources: [nodes], verbs: [list, get, watch] }
  - { apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list, get, watch, update, create] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: 'system:kube-vip-binding' }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: 'system:kube-vip-role' }
subjects: [{ kind: ServiceAccount, name: kube-vip, namespace: kube-system }]
---
${daemonSet(
  'kube-vip',
  'ghcr.io/kube-vip/kube-vip:v0.9.2',
  `
      serviceAccountName: kube-vip
      priorityClassName: system-node-critical
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{ matchExpressions: [{ key: node-role.kubernetes.io/control-plane, operator: Exists }] }]`,
  `
          args: [manager]
          env:
            - { name: KUBERNETES_SERVICE_HOST, value: 127.0.0.1 }
            - { name: KUBERNETES_SERVICE_PORT, value: '6443' }
            - { name: vip_arp, value: 'true' }
            - { name: port, value: '6443' }
            - { name: vip_nodename, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }
            - { name: vip_interface, value: eth0 }
            - { name: vip_subnet, value: '32' }
            - { name: cp_enable, value: 'true' }
            - { name: cp_namespace, value: kube-system }
            - { name: svc_enable, value: 'false' }
            - { name: vip_leaderelection, value: 'true' }
            - { name: vip_leasename, value: plndr-cp-lock }
            - { name: vip_leaseduration, value: '5' }
            - { name: vip_renewdeadline, value: '3' }
            - { name: vip_retryperiod, value: '1' }
            - { name: address, value: ${vip} }
          securityContext: { capabilities: { add: [NET_ADMIN, NET_RAW], drop: [ALL] } }`,
)}`;

/** What the lab's kubelet takes for a network plugin. */
export const networkPlugin = (): string => daemonSet('cilium', 'quay.io/cilium/cilium:v1.19.6', '', '');

const daemonSet = (name: string, image: string, podFields: string, containerFields: string): string =>
  `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: ${name}, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: ${name} } }
  template:
    metadata: { labels: { k8s-app: ${name} } }
    spec:
      hostNetwork: true
      tolerations: [{ operator: Exists }]${podFields}
      containers:
        - name: ${name}
          image: ${image}${containerFields}
`.trim();
