import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import { applyMode } from '../../../modules/talos-config/apply-mode';
import { machineConfigPatches } from '../../../modules/talos-config/machine-config-patches';
import { examplePlan, exampleTailscale, planWithEveryChoice } from '../../setup/example-plan';
import { Cidr } from '../../../modules/model/addresses';
import { expectGolden } from '../../setup/golden';

const SNAPSHOTS = join(__dirname, '__snapshots__');

interface Case {
  readonly differences?: Partial<ClusterPlan>;
  readonly node: string;
  readonly tailscaleAuthKey?: string;
}

const { endpoint, nodes } = examplePlan();
const everyChoice = planWithEveryChoice();
const CASES: Readonly<Record<string, Case>> = {
  'controlplane-kube-vip': { node: 'controlplane0' },
  'controlplane-talos-vip': { node: 'controlplane1', differences: { endpoint: { ...endpoint, provider: 'talos' } } },
  'controlplane-without-workers': {
    node: 'controlplane0',
    differences: { nodes: nodes.slice(0, 1), schedulableControlPlanes: true },
  },
  'controlplane-tailscale': {
    node: 'controlplane0',
    differences: { tailscale: exampleTailscale, endpoint: { ...endpoint, provider: 'talos' } },
    tailscaleAuthKey: '${var.tailscale_auth_key}',
  },
  'controlplane-tailscale-in-full': {
    node: 'controlplane0',
    differences: {
      endpoint: { ...endpoint, provider: 'talos' },
      tailscale: {
        ...exampleTailscale,
        credential: 'oauth',
        tags: ['tag:cluster', 'tag:home'],
        routes: [Cidr.parse('10.96.0.0/12')],
        acceptRoutes: true,
      },
    },
    tailscaleAuthKey: '${var.tailscale_auth_key}',
  },
  worker: { node: 'worker0' },
  'worker-with-every-choice': { node: 'worker0', differences: everyChoice },
  'worker-without-discovery': { node: 'worker0', differences: { discovery: false } },
};

describe('T-11 machine config', () => {
  test.each(Object.entries(CASES))('%s', (name, { differences, node, tailscaleAuthKey }) => {
    const plan = examplePlan(differences);
    const planned = plan.nodes.find((each) => each.name === node);
    if (planned === undefined) throw new Error(`no node ${node}`);
    expectGolden(join(SNAPSHOTS, `${name}.yaml`), machineConfigPatches(plan, planned, tailscaleAuthKey).join('---\n'));
  });

  test('every golden file has its case', () => {
    expect(readdirSync(SNAPSHOTS).sort()).toEqual(
      Object.keys(CASES)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
  });

  test.each([
    ['1.13.9', 'no_reboot'],
    ['1.13.0', 'no_reboot'],
    ['1.14.0-beta.1', 'no_reboot'],
    ['2.0.0', 'no_reboot'],
    ['1.12.6', 'auto'],
    ['1.9.2', 'auto'],
  ])('T-24 Talos %s takes a config with the mode %s', (version, mode) => {
    expect(applyMode(version)).toBe(mode);
  });
});
