import { createRequire } from 'node:module';
import type { CommandEntry } from './command';

/** Not `import()`: the loader that runs TypeScript as CommonJS does not see it. */
const load = createRequire(__filename);

/** Every command of `groundwork`: a line here and a file in the room of its noun. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'airgap',
    summary: 'everything that a deploy and its cluster fetch, and what leads it to a mirror',
    load: () => (load('./airgap/command') as typeof import('./airgap/command')).airgap,
  },
  {
    name: 'completion',
    summary: 'shell completion for bash, zsh or fish',
    load: () => (load('./completion/completion') as typeof import('./completion/completion')).completion,
  },
  {
    name: 'credentials',
    summary: 'writes kubeconfig and talosconfig of a deployed cluster, readable by you alone',
    load: () => (load('./credentials/credentials') as typeof import('./credentials/credentials')).credentials,
  },
  {
    name: 'drift',
    summary: 'what was changed outside Terraform since the last deploy; exit status 1 where there is something',
    load: () => (load('./drift/command') as typeof import('./drift/command')).driftCommand,
  },
  {
    name: 'etcd',
    summary: 'snapshot of etcd to a file or S3, and its restore when the control planes are lost',
    load: () => (load('./etcd/command') as typeof import('./etcd/command')).etcd,
  },
  {
    name: 'health',
    summary: 'is a deployed cluster as it should be: VMs, Talos, etcd, API, VIP, nodes, Cilium, Flux, certificates',
    load: () => (load('./health/command') as typeof import('./health/command')).healthCommand,
  },
  {
    name: 'import',
    summary: 'makes VMs that are there Terraform’s again, where they have the cluster’s tag',
    load: () => (load('./import/command') as typeof import('./import/command')).importCommand,
  },
  {
    name: 'lab',
    summary: 'the rehearsal lab: rehearse, shell, … (groundwork lab --help)',
    load: () => (load('./lab/lab') as typeof import('./lab/lab')).lab,
  },
  {
    name: 'node',
    summary: 'single nodes of a running cluster: remove',
    load: () => (load('./node/command') as typeof import('./node/command')).node,
  },
  {
    name: 'placement',
    summary: 'which node is on which Proxmox host; exit status 1 where that is not recorded',
    load: () => (load('./placement/command') as typeof import('./placement/command')).placement,
  },
  {
    name: 'platform',
    summary: 'what Flux applies: render, diff, graph, images, … (groundwork platform --help)',
    load: () => (load('./platform/platform') as typeof import('./platform/platform')).platform,
  },
  {
    name: 'preflight',
    summary: 'is Proxmox ready for a deploy: hosts, storages, bridge, VM ids, privileges, memory; changes nothing',
    load: () => (load('./preflight/command') as typeof import('./preflight/command')).preflightCommand,
  },
  {
    name: 'recover',
    summary: 'after a deploy that was cut off: clears what the next one would stumble over',
    load: () => (load('./recover/command') as typeof import('./recover/command')).recoverCommand,
  },
  {
    name: 'review',
    summary: 'what a plan does to the cluster, in words, with a risk',
    load: () => (load('./review/command') as typeof import('./review/command')).review,
  },
  {
    name: 'roll',
    summary: 'restarts nodes whose hardware or config needs it, and upgrades Talos, one node at a time (T-24, O-2)',
    load: () => (load('./roll/command') as typeof import('./roll/command')).roll,
  },
  {
    name: 'spec',
    summary: 'what a spec may say, and what is wrong with yours: check, schema, manual',
    load: () => (load('./spec/spec') as typeof import('./spec/spec')).spec,
  },
  {
    name: 'sync-manifests',
    summary: "makes kube-vip's running objects those of the spec: Talos never changes them",
    load: () => (load('./sync-manifests/command') as typeof import('./sync-manifests/command')).syncManifestsCommand,
  },
  {
    name: 'teardown',
    summary: 'before cdktf destroy: suspends Flux; with --force, goes without a Kubernetes API that is dead',
    load: () => (load('./teardown/command') as typeof import('./teardown/command')).teardown,
  },
];
