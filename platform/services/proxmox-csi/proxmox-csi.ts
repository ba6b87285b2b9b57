import { StorageClass } from 'kubernetes-models/storage.k8s.io/v1';
import { secretStages } from '../../kinds/choices';
import { helmRelease } from '../../kinds/helm';
import { namespaceOf } from '../../kinds/namespace';
import { networkPolicies } from '../../kinds/network-policies';
import { disruptionBudget, replicasOf, resources, spread } from '../../kinds/replicas';
import type { Service } from '../../stage';
import { CHARTS } from '../../versions';

const NAMESPACE = 'csi-proxmox';
const CONFIG_SECRET = 'proxmox-csi-config';
const CONTROLLER = { 'app.kubernetes.io/name': 'proxmox-csi-plugin', 'app.kubernetes.io/component': 'controller' };

/**
 * Disks of pods are disks in Proxmox, plugged into the VM that the pod runs on. Its token is its own, with fewer rights than the
 * one that makes VMs; it stands in the Secret, as `config.yaml`.
 */
export const service: Service = (plan) => {
  if (plan.platform.storage !== 'proxmox-csi') return [];
  return [
    {
      name: 'proxmox-csi',
      needs: secretStages(plan),
      secrets: [{ namespace: NAMESPACE, name: CONFIG_SECRET, keys: ['config.yaml'] }],
      manifests: [
        // The node plugin mounts disks on its node
        namespaceOf(NAMESPACE, 'privileged'),
        ...networkPolicies(NAMESPACE, { to: { 'kube-apiserver': [6443], world: [8006] } }),
        ...helmRelease(CHARTS.proxmoxCsi, {
          namespace: NAMESPACE,
          perNode: ['node.plugin'],
          values: {
            replicaCount: replicasOf(plan),
            existingConfigSecret: CONFIG_SECRET,
            node: { plugin: { resources: resources('10m', '32Mi', '128Mi') } },
            affinity: spread(CONTROLLER),
          },
        }),
        new StorageClass({
          metadata: {
            name: 'proxmox',
            annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
          },
          provisioner: 'csi.proxmox.sinextra.dev',
          parameters: { storage: plan.proxmox.diskStorage, 'csi.storage.k8s.io/fstype': 'ext4' },
          reclaimPolicy: 'Delete',
          allowVolumeExpansion: true,
          // Not before it is known where the pod runs: a disk belongs to one Proxmox host
          volumeBindingMode: 'WaitForFirstConsumer',
        }),
        ...disruptionBudget(plan, { name: 'proxmox-csi-controller', namespace: NAMESPACE }, CONTROLLER),
      ],
    },
  ];
};
