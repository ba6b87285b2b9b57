import type { Risk } from '../../../operations/review/rule';

/** What each recorded plan must be said to do: its risk, and every finding. Written out, and read by a person. */
export const EXPECTED: Readonly<Record<string, readonly [Risk, ...string[]]>> = {
  bridge: [
    'high',
    'high network-changed: network cards of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at once, while they run',
  ],
  'cilium-down': ['high', 'high release-downgrade: the Helm release cilium goes back from 1.19.6 to 1.19.5'],
  'control-plane-memory': [
    'high',
    'high vm-restart-needed: memory of controlplane0, controlplane1 and controlplane2 change at their next start; this apply restarts none',
  ],
  'control-plane-replaced': [
    'high',
    'high control-plane-replaced: controlplane1 is made anew: etcd has 2 of 3 members until it has joined, and needs 2',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'control-planes-3-to-1': [
    'destructive',
    'destructive etcd-quorum-lost: etcd loses its quorum: 3 members before, 1 of them after controlplane1 and controlplane2; 2 are needed',
    'destructive control-planes-together: controlplane1 and controlplane2 go at the same time',
    'high etcd-member-dropped: controlplane1 is destroyed, and as far as this plan knows, it is still an etcd member',
    'high etcd-member-dropped: controlplane2 is destroyed, and as far as this plan knows, it is still an etcd member',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'control-planes-3-to-2': [
    'high',
    'high etcd-member-dropped: controlplane2 is destroyed, and as far as this plan knows, it is still an etcd member',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'control-planes-3-to-4': [
    'low',
    'low control-plane-added: controlplane3 joins etcd: 3 members before (quorum 2), 4 after (quorum 3)',
  ],
  'control-planes-3-to-5': [
    'low',
    'low control-plane-added: controlplane3 and controlplane4 join etcd: 3 members before (quorum 2), 5 after (quorum 3)',
  ],
  'control-planes-replaced': [
    'destructive',
    'destructive etcd-quorum-lost: etcd loses its quorum: 3 members before, 0 of them after controlplane0, controlplane1 and controlplane2; 2 are needed',
    'destructive control-planes-together: controlplane0, controlplane1 and controlplane2 go at the same time',
    'high control-plane-replaced: controlplane0 is made anew: etcd has 2 of 3 members until it has joined, and needs 2',
    'high control-plane-replaced: controlplane1 is made anew: etcd has 2 of 3 members until it has joined, and needs 2',
    'high control-plane-replaced: controlplane2 is made anew: etcd has 2 of 3 members until it has joined, and needs 2',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  destroy: [
    'destructive',
    'destructive cluster-destroyed: the whole cluster is destroyed: 5 VMs with their disks, and the machine secrets',
  ],
  'discovery-off': [
    'low',
    'low config-changed: machine configs of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at cluster.discovery.enabled and cluster.discovery.registries.service.disabled',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'disk-storage': [
    'high',
    'high vm-restart-needed: efi disk of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at their next start; this apply restarts none',
    'low disk-moved: the disks of controlplane0, controlplane1, controlplane2, worker0 and worker1 move from local-lvm to fast',
  ],
  'drift-repaired': [
    'high',
    'high vm-restart-needed: memory of worker0 change at their next start; this apply restarts none',
    'low vm-labelled: tags of worker0 change; the machines do not notice',
  ],
  factory: [
    'low',
    'low config-changed: machine configs of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at machine.install.image',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'flux-branch': [
    'high',
    'high flux-source-changed: Flux follows another repository, branch or folder, and removes from the cluster what is not in it',
  ],
  'image-storage': [
    'low',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
  ],
  'kube-vip-version': [
    'low',
    'low manifests-need-sync: the objects of kube-vip need a sync: Talos changes none that is there',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'kubernetes-minor-down': [
    'high',
    'high kubernetes-downgrade: Kubernetes goes back from 1.35.0 to 1.34.1',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'kubernetes-patch-up': [
    'high',
    'high kubernetes-upgrade: Kubernetes goes from 1.35.0 to 1.35.1 on controlplane0, controlplane1, controlplane2, worker0 and worker1 at once',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'name-servers': [
    'low',
    'low config-changed: machine configs of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at machine.network.nameservers',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'no-change': ['none'],
  'pod-network': [
    'high',
    'high cluster-network-changed: the pod range changes from 10.244.0.0/16 to 10.245.0.0/16; nodes, pods and services keep their old addresses',
    'high pod-range-changed: pod or service ranges change in the configs of controlplane0, controlplane1, controlplane2, worker0 and worker1, while nodes and services have addresses of the old ones',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'pool-renamed': [
    'destructive',
    'destructive last-worker-removed: every worker goes at once: worker0 and worker1',
    'high worker-removed: worker0 and worker1 are destroyed',
    'low worker-added: node0 and node1 join as worker',
  ],
  'second-host': [
    'high',
    'high vm-moved: controlplane1 moves from host atlas to nyx',
    'high vm-moved: worker0 moves from host atlas to nyx',
    'low images-replaced: disk images: 2 downloaded, 2 removed; running machines keep their disks',
  ],
  'secrets-replaced': [
    'destructive',
    'destructive secrets-replaced: the machine secrets are made anew: every node refuses configs and clients that use them',
  ],
  tailscale: [
    'low',
    'low config-changed: machine configs of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at machine.install.image and ExtensionServiceConfig/tailscale',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'talos-contract': ['none'],
  'talos-patch-down': [
    'high',
    'high talos-downgrade: Talos goes back from 1.13.9 to 1.13.8; the nodes keep running 1.13.9 until they are upgraded to it',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'talos-patch-up': [
    'low',
    'low talos-upgrade: Talos is to be 1.13.10 instead of 1.13.9: this apply upgrades no running node',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'time-servers': [
    'low',
    'low config-changed: machine configs of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at machine.time.servers',
    'low images-replaced: disk images: 5 downloaded, 5 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'vip-address': [
    'high',
    'high endpoint-changed: the endpoint of the cluster moves from https://10.0.3.1:6443 to https://10.0.3.50:6443',
    'high control-plane-pods-restart: the Kubernetes control plane starts again on controlplane0, controlplane1 and controlplane2 at the same time: the API is away for a moment',
    'low manifests-need-sync: the objects of kube-vip need a sync: Talos changes none that is there',
    'low config-changed: machine configs of controlplane0, controlplane1, controlplane2, worker0 and worker1 change at machine.certSANs, machine.kubelet.nodeIP.validSubnets, cluster.controlPlane.endpoint, cluster.apiServer.certSANs, cluster.etcd.advertisedSubnets and cluster.inlineManifests',
  ],
  'vip-provider': [
    'high',
    'high vip-owner-changed: the VIP is to be moved by Talos instead of kube-vip on controlplane0, controlplane1 and controlplane2',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'worker-added': ['low', 'low worker-added: worker2 joins as worker'],
  'worker-addresses': [
    'high',
    'high config-applied-anew: worker0 gets the address 10.0.2.11 instead of 10.0.2.1: its config is sent where no machine answers yet',
    'high config-applied-anew: worker1 gets the address 10.0.2.12 instead of 10.0.2.2: its config is sent where no machine answers yet',
    'low images-replaced: disk images: 2 downloaded, 2 removed; running machines keep their disks',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'worker-cores': [
    'high',
    'high vm-restart-needed: cpu of worker0 and worker1 change at their next start; this apply restarts none',
  ],
  'worker-disk-grown': [
    'low',
    'low disk-grown: the disks of worker0 and worker1 grow from 40 to 60 GiB; Talos uses the space after its next start',
  ],
  'worker-disk-shrunk': [
    'high',
    'high disk-shrunk: the disks of worker0 and worker1 would shrink from 40 to 20 GiB, which Proxmox refuses',
  ],
  'worker-lost-outside': [
    'high',
    'high vm-restart-needed: memory of worker0 change at their next start; this apply restarts none',
    'low worker-added: worker1 joins as worker',
    'low vm-labelled: tags of worker0 change; the machines do not notice',
  ],
  'worker-memory': [
    'high',
    'high vm-restart-needed: memory of worker0 and worker1 change at their next start; this apply restarts none',
  ],
  'worker-removed': ['high', 'high worker-removed: worker1 is destroyed'],
  'worker-replaced': [
    'high',
    'high worker-replaced: worker0 is made anew, with an empty disk',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'worker-vm-ids': [
    'destructive',
    'destructive last-worker-removed: every worker goes at once: worker0 and worker1',
    'high worker-replaced: worker0 and worker1 are made anew, with an empty disk',
    'none looks-again: the apply waits until what it looks at is well: the API, or the nodes',
  ],
  'workers-all-removed': [
    'destructive',
    'destructive last-worker-removed: every worker goes at once: worker0 and worker1',
    'high worker-removed: worker0 and worker1 are destroyed',
    'low config-changed: machine configs of controlplane0, controlplane1 and controlplane2 change at machine.nodeLabels and cluster.allowSchedulingOnControlPlanes',
  ],
};
