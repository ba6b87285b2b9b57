import type { ClusterPlan, MachineConfigPatch, NodePlan, PatchPlan } from '../cluster-plan';
import { enrolsSecureBootKeys } from '../compatibility';
import { andMore, groupBy, type Rule } from './rule';

const discoveryOff: Rule = {
  code: 'discovery-off',
  severity: 'warning',
  *find({ discovery, endpoint, talos: { discoveryService } }) {
    if (discovery || discoveryService !== undefined) return; // the latter is unused-discovery-service
    yield {
      path: 'talos.discovery',
      message: `discovery is off: workers find the control planes by the VIP ${endpoint.vip.toString()} alone, and so do members that join etcd`,
      fix: 'leave it on, with a service of your own in talos.discoveryService where nothing may leave the network',
    };
  },
};

const unusedDiscoveryService: Rule = {
  code: 'unused-discovery-service',
  severity: 'error',
  *find({ discovery, talos: { discoveryService } }) {
    if (discovery || discoveryService === undefined) return;
    yield {
      path: 'talos.discoveryService',
      message: `discovery is off, and its service is ${discoveryService}`,
      fix: 'turn talos.discovery on, or leave the service out',
    };
  },
};

const tpmWithoutSecureBoot: Rule = {
  code: 'tpm-without-secure-boot',
  severity: 'error',
  *find({ talos: { diskEncryption, secureBoot } }) {
    if (diskEncryption !== 'tpm' || secureBoot) return;
    yield {
      path: 'talos.diskEncryption',
      message: 'disks are encrypted by the TPM, whose key is bound to Secure Boot, and talos.secureBoot is false',
      fix: "set talos.secureBoot: true, or encrypt by 'node-id'",
    };
  },
};

const secureBootKeys: Rule = {
  code: 'secure-boot-keys',
  severity: 'warning',
  *find({ talos: { secureBoot }, versions }) {
    if (!secureBoot || enrolsSecureBootKeys(versions.talos)) return;
    yield {
      path: 'talos.secureBoot',
      message: `disk images of Talos ${versions.talos} are signed, and bring no keys: the firmware of a new VM checks nothing until they are enrolled`,
      fix: 'enrol them by hand, once in each VM, or use Talos 1.14 or newer, whose disk images enrol them',
    };
  },
};

/** What the plan itself decides, by path in a machine config, and the field of the spec that says it. */
const PLANNED: Readonly<Record<string, string>> = {
  'machine.type': 'nodePools.<pool>.role',
  'machine.network.hostname': 'the name of the node pool',
  'machine.network.nameservers': 'network.nameServers',
  'machine.time.servers': 'network.timeServers',
  'machine.install.image': 'versions.talos and images',
  'cluster.clusterName': 'name',
  'cluster.controlPlane.endpoint': 'vip.address',
  'cluster.network.podSubnets': 'network.podCidr',
  'cluster.network.serviceSubnets': 'network.serviceCidr',
  'cluster.network.cni': 'cilium',
  'cluster.proxy': 'cilium',
  'cluster.discovery': 'talos.discovery',
};

/** Machine secrets, which are Terraform's, and what else is one. */
const SECRETS: readonly string[] = [
  'machine.token',
  'machine.ca',
  'cluster.id',
  'cluster.secret',
  'cluster.token',
  'cluster.ca',
  'cluster.aggregatorCA',
  'cluster.serviceAccount',
  'cluster.etcd.ca',
  'cluster.aescbcEncryptionSecret',
  'cluster.secretboxEncryptionSecret',
];

const has = (patch: MachineConfigPatch, path: string): boolean => {
  const found = path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as MachineConfigPatch)[key] : undefined),
      patch,
    );
  return found !== undefined;
};

/** Each patch once, whichever nodes have it. */
const patchesOf = ({ nodes }: ClusterPlan): { patch: PatchPlan; nodes: readonly NodePlan[] }[] =>
  groupBy(
    nodes.flatMap((node) => node.patches.map((patch) => ({ node, patch }))),
    ({ patch }) => patch.path,
  ).map((group) => ({ patch: group[0].patch, nodes: group.map(({ node }) => node) }));

const plannedField: Rule = {
  code: 'planned-field',
  severity: 'error',
  *find(plan) {
    for (const { patch } of patchesOf(plan)) {
      for (const [path, field] of Object.entries(PLANNED).filter(([path]) => has(patch.patch, path))) {
        yield {
          path: patch.path,
          message: `${path} is set by this patch and by ${field}`,
          fix: `change ${field}, and take it out of the patch`,
        };
      }
    }
  },
};

/** Registry credentials too: they would stand in the plan, and in the Terraform JSON. */
const secretInPatch: Rule = {
  code: 'secret-in-patch',
  severity: 'error',
  *find(plan) {
    for (const { patch } of patchesOf(plan)) {
      const registries = (patch.patch as { machine?: { registries?: { config?: Record<string, object | null> } } })
        .machine?.registries?.config;
      const found = [
        ...SECRETS.filter((path) => has(patch.patch, path)),
        ...Object.entries(registries ?? {})
          .filter(([, config]) => config !== null && 'auth' in config)
          .map(([registry]) => `machine.registries.config.${registry}.auth`),
        ...(patch.patch['kind'] === 'RegistryAuthConfig' ? ['RegistryAuthConfig'] : []),
      ];
      const [first, ...others] = found;
      if (first === undefined) continue;
      yield {
        path: patch.path,
        message: `${first} is a secret, and a patch stands in the plan for all to read${andMore(others.length)}`,
        fix: 'take it out: machine secrets are made by Terraform, and a mirror in the network needs no credential',
      };
    }
  },
};

const incompleteDocument: Rule = {
  code: 'incomplete-document',
  severity: 'error',
  *find(plan) {
    for (const { patch } of patchesOf(plan)) {
      const { kind, apiVersion } = patch.patch;
      if ((kind === undefined) === (apiVersion === undefined)) continue;
      yield {
        path: patch.path,
        message: `the patch has ${kind === undefined ? 'apiVersion and no kind' : 'a kind and no apiVersion'}; a document of Talos has both`,
        fix: kind === undefined ? 'add its kind, or take apiVersion out' : 'add apiVersion: v1alpha1',
      };
    }
  },
};

export const TALOS_RULES: readonly Rule[] = [
  discoveryOff,
  unusedDiscoveryService,
  tpmWithoutSecureBoot,
  secureBootKeys,
  plannedField,
  secretInPatch,
  incompleteDocument,
];
