import { App } from 'cdktf';
import { join } from 'node:path';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { providerVersions } from '../../modules/providers/provider-versions';
import { InfrastructureStack } from '../../stacks/infrastructure-stack';
import { examplePlan, exampleTailscale } from '../setup/example-plan';
import { TerraformFolder } from './terraform-folder';

const { endpoint, nodes } = examplePlan();
const PLANS: Readonly<Record<string, ClusterPlan>> = {
  'kube-vip, two roles': examplePlan(),
  'VIP of Talos, Tailscale, no discovery': examplePlan({
    endpoint: { ...endpoint, provider: 'talos' },
    tailscale: exampleTailscale,
    discovery: false,
  }),
  'a single node': examplePlan({ nodes: nodes.slice(0, 1), schedulableControlPlanes: true }),
};

describe('T-23 the synthesized JSON', () => {
  const folder = new TerraformFolder();
  afterAll(() => folder.remove());

  test.each(Object.entries(PLANS))(
    'is valid to Terraform and the providers: %s',
    async (name, plan) => {
      const app = new App({ outdir: join(folder.path, name) });
      const versions = providerVersions(folder.providerVersions);
      new InfrastructureStack(app, { plan, providerVersions: versions, stateDirectory: folder.path });
      app.synth();
      const stack = join(app.outdir, 'stacks', plan.stack);
      await folder.terraform(stack, ['init', '-input=false']);
      const { valid, diagnostics } = JSON.parse(await folder.terraform(stack, ['validate', '-json'])) as {
        valid: boolean;
        diagnostics: unknown[];
      };
      expect({ valid, diagnostics }).toEqual({ valid: true, diagnostics: [] });
    },
    60_000,
  );
});
