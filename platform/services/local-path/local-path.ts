import { Deployment } from 'kubernetes-models/apps/v1';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1';
import { StorageClass } from 'kubernetes-models/storage.k8s.io/v1';
import { ConfigMap, ServiceAccount } from 'kubernetes-models/v1';
import { stringify } from 'yaml';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { RESTRICTED_CONTAINER, restrictedPod } from '../../kinds/pod';
import { resources } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { imageOf, IMAGES } from '../../versions';

const NAMESPACE = 'local-path-storage';
const LABELS = { 'app.kubernetes.io/name': 'local-path-provisioner' };
/** Where Talos mounts the user volume `local-path`. */
const FOLDER = '/var/mnt/local-path';

// Source: rancher/local-path-provisioner v0.0.37, deploy/local-path-storage.yaml
const rules = [
  {
    apiGroups: [''],
    resources: ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'],
    verbs: ['get', 'list', 'watch'],
  },
  {
    apiGroups: [''],
    resources: ['persistentvolumes'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
  },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
];

const config = (): Record<string, string> => ({
  'config.json': JSON.stringify({ nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [FOLDER] }] }),
  setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
  teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
  'helperPod.yaml': stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      priorityClassName: 'system-node-critical',
      containers: [{ name: 'helper-pod', image: imageOf(IMAGES.busybox), resources: resources('10m', '16Mi', '64Mi') }],
    },
  }),
});

/** Disks of pods are folders on the node that the pod ran on first: a pod whose node is gone waits for it. */
export const service: Service = ({ platform }) => {
  if (platform.storage !== 'local-path') return [];
  const metadata = { name: 'local-path-provisioner', namespace: NAMESPACE };
  const subjects = [{ kind: 'ServiceAccount', ...metadata }];
  return [
    {
      name: 'local-path',
      needs: [],
      manifests: [
        // Its helper pods mount folders of the node
        namespaceOf(NAMESPACE, 'privileged'),
        ...networkPolicies(NAMESPACE, { to: { 'kube-apiserver': [6443] } }),
        new ServiceAccount({ metadata }),
        new Role({
          metadata,
          rules: [
            {
              apiGroups: [''],
              resources: ['pods'],
              verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'],
            },
          ],
        }),
        new RoleBinding({
          metadata,
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
          subjects,
        }),
        new ClusterRole({ metadata: { name: metadata.name }, rules }),
        new ClusterRoleBinding({
          metadata: { name: metadata.name },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
          subjects,
        }),
        new ConfigMap({ metadata: { name: 'local-path-config', namespace: NAMESPACE }, data: config() }),
        new Deployment({
          metadata,
          spec: {
            replicas: 1,
            selector: { matchLabels: LABELS },
            template: {
              metadata: { labels: LABELS },
              spec: {
                serviceAccountName: metadata.name,
                securityContext: restrictedPod(65532),
                containers: [
                  {
                    name: 'provisioner',
                    image: imageOf(IMAGES.localPath),
                    command: ['local-path-provisioner', 'start', '--config', '/etc/config/config.json'],
                    env: [
                      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                      { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
                      { name: 'HEALTH_PORT', value: '8080' },
                    ],
                    ports: [{ name: 'health', containerPort: 8080 }],
                    readinessProbe: { httpGet: { path: '/ready', port: 'health' } },
                    livenessProbe: { httpGet: { path: '/health', port: 'health' }, initialDelaySeconds: 10 },
                    securityContext: RESTRICTED_CONTAINER,
                    resources: resources('10m', '32Mi', '128Mi'),
                    volumeMounts: [{ name: 'config', mountPath: '/etc/config/', readOnly: true }],
                  },
                ],
                volumes: [{ name: 'config', configMap: { name: 'local-path-config' } }],
              },
            },
          },
        }),
        new StorageClass({
          metadata: {
            name: 'local-path',
            annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
          },
          provisioner: 'rancher.io/local-path',
          reclaimPolicy: 'Delete',
          volumeBindingMode: 'WaitForFirstConsumer',
        }),
      ],
    },
  ];
};
