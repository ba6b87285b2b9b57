import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { appendedDocuments } from '../../modules/talos-config/appended-documents';
import { machineConfigPatches } from '../../modules/talos-config/machine-config-patches';
import { examplePlan, exampleTailscale, planWithEveryChoice } from '../setup/example-plan';
import { TerraformFolder } from './terraform-folder';

interface Case {
  readonly plan: ClusterPlan;
  readonly node: number;
  readonly tailscaleAuthKey?: string;
}

interface MachineConfig {
  readonly machine: {
    readonly type: string;
    readonly certSANs: readonly string[];
    readonly network: object;
    readonly nodeLabels?: Readonly<Record<string, string>>;
    readonly install: object;
  };
  readonly cluster: {
    readonly apiServer?: { readonly certSANs: readonly string[] };
    readonly network: object;
    readonly discovery: object;
    readonly inlineManifests?: readonly { readonly name: string }[];
    readonly allowSchedulingOnControlPlanes?: boolean;
  };
}

const { endpoint, nodes } = examplePlan();
const alone = { nodes: nodes.slice(0, 1), schedulableControlPlanes: true };
const CASES: Readonly<Record<string, Case>> = {
  controlplane: { plan: examplePlan(), node: 0 },
  talosvip: { plan: examplePlan({ endpoint: { ...endpoint, provider: 'talos' } }), node: 1 },
  alone: { plan: examplePlan(alone), node: 0 },
  worker: { plan: examplePlan(), node: 2 },
  everychoice: { plan: planWithEveryChoice(), node: 2 },
  everychoicecontrolplane: { plan: planWithEveryChoice(), node: 0 },
  byid: { plan: examplePlan({ talos: { ...examplePlan().talos, diskEncryption: 'node-id' } }), node: 0 },
  tailscale: {
    plan: examplePlan({ tailscale: exampleTailscale, discovery: false }),
    node: 2,
    tailscaleAuthKey: 'tskey-not-one',
  },
};

/** The real provider makes the documents, without a cluster: secrets and configs are computed on this machine. */
const terraformJson = (talos: string): string =>
  JSON.stringify({
    terraform: { required_providers: { talos: { source: 'siderolabs/talos', version: talos } } },
    resource: { talos_machine_secrets: { secrets: { talos_version: 'v1.9' } } },
    data: {
      talos_machine_configuration: Object.fromEntries(
        Object.entries(CASES).map(([name, { plan, node, tailscaleAuthKey }]) => {
          const planned = plan.nodes[node];
          if (planned === undefined) throw new Error(`case ${name} has no node ${node}`);
          const config = {
            cluster_name: plan.name,
            cluster_endpoint: plan.endpoint.url,
            machine_type: planned.role,
            machine_secrets: '${talos_machine_secrets.secrets.machine_secrets}',
            talos_version: `v${plan.versions.talosContract}`,
            kubernetes_version: plan.versions.kubernetes,
            docs: false,
            examples: false,
            config_patches: machineConfigPatches(plan, planned, tailscaleAuthKey),
          };
          return [name, config];
        }),
      ),
    },
    output: Object.fromEntries(
      Object.keys(CASES).map((name) => [
        name,
        { sensitive: true, value: `\${data.talos_machine_configuration.${name}.machine_configuration}` },
      ]),
    ),
  });

describe('T-11 machine config as a node gets it', () => {
  const folder = new TerraformFolder();
  const texts = new Map<string, string>();
  const config = (name: string): MachineConfig => {
    const v1alpha1: unknown = parseAllDocuments(texts.get(name) ?? '')[0]?.toJS();
    return v1alpha1 as MachineConfig;
  };

  beforeAll(async () => {
    const talos = /talos=([^,]+)/.exec(folder.providerVersions)?.[1] ?? '';
    writeFileSync(join(folder.path, 'main.tf.json'), terraformJson(talos));
    await folder.terraform(folder.path, ['init', '-input=false']);
    await folder.terraform(folder.path, ['apply', '-auto-approve', '-input=false']);
    const outputs = JSON.parse(await folder.terraform(folder.path, ['output', '-json'])) as Record<
      string,
      { value: string }
    >;
    for (const [name, { value }] of Object.entries(outputs)) {
      const { plan, node } = CASES[name] ?? {};
      const planned = plan?.nodes[node ?? 0];
      // As modules/talos-node does: after the provider, which would not know them.
      texts.set(name, value + (plan === undefined || planned === undefined ? '' : appendedDocuments(plan, planned)));
    }
  }, 120_000);
  afterAll(() => folder.remove());

  test.each(Object.keys(CASES))('is taken by Talos: %s', (name) => {
    const answer = spawnSync(folder.program('talos-config'), { input: texts.get(name) ?? '' });
    expect(JSON.parse(answer.stdout.toString())).toEqual({ error: '', warnings: [] });
  });

  test('certificates name the VIP and localhost, once each', () => {
    expect(config('controlplane').machine.certSANs).toEqual(['10.0.3.1', '127.0.0.1']);
    expect(config('controlplane').cluster.apiServer?.certSANs).toEqual(['10.0.3.1', '127.0.0.1']);
    expect(config('worker').machine.certSANs).toEqual(['10.0.3.1', '127.0.0.1']);
  });

  test('patches meet in one interface: address and VIP', () => {
    expect(config('talosvip').machine.network).toEqual({
      hostname: 'controlplane1',
      interfaces: [
        {
          interface: 'eth0',
          dhcp: false,
          addresses: ['10.0.1.2/16'],
          routes: [{ network: '0.0.0.0/0', gateway: '10.0.0.1' }],
          vip: { ip: '10.0.3.1' },
        },
      ],
      nameservers: ['1.1.1.1', '8.8.8.8'],
    });
  });

  test('kube-vip is brought by control planes alone, and only where it holds the VIP', () => {
    const brought = (name: string): unknown => config(name).cluster.inlineManifests?.map((manifest) => manifest.name);
    expect(brought('controlplane')).toEqual(['kube-vip']);
    expect(brought('talosvip')).toBeUndefined();
    expect(brought('worker')).toBeUndefined();
  });

  test('T-1 without workers, load balancers find pods on the control planes', () => {
    expect(config('alone').cluster.allowSchedulingOnControlPlanes).toBe(true);
    expect(config('alone').machine.nodeLabels).toBeUndefined();
    expect(config('controlplane').machine.nodeLabels).toEqual({
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    });
  });

  test('T-11b discovery is on or off', () => {
    expect(config('worker').cluster.discovery).toMatchObject({ enabled: true });
    expect(config('tailscale').cluster.discovery).toMatchObject({ enabled: false });
  });

  test('T-11c Tailscale is a document of its own', () => {
    expect(parseAllDocuments(texts.get('tailscale') ?? '').map((each): unknown => each.get('kind'))).toEqual([
      undefined,
      'ExtensionServiceConfig',
    ]);
  });

  test('T-11 what is newer than the provider is appended: a disk, and a patch', () => {
    expect(parseAllDocuments(texts.get('everychoice') ?? '').map((each): unknown => each.get('kind'))).toEqual([
      undefined,
      'TrustedRootsConfig',
      'WatchdogTimerConfig',
      'UserVolumeConfig',
      'OOMConfig',
    ]);
  });
});
