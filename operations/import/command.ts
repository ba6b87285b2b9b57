import { examples, type Define, type ExitStatus, type Surroundings } from '../command';
import { findCluster } from '../deployment/find-cluster';
import { ProxmoxClient, proxmoxAccess } from '../proxmox/proxmox-client';
import { TerraformWorkspace } from '../terraform/workspace';
import { addressesOf, adoptions, type Adoption } from './adoption';

interface Flags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const describe = (found: readonly Adoption[]): string =>
  found.map(({ address, fate, fact }) => `${fate.padEnd(6)}  ${address}: ${fact}\n`).join('');

const adopt = async (
  cluster: string | undefined,
  { dryRun, json }: Flags,
  { environment, out, err }: Surroundings,
): Promise<ExitStatus> => {
  const plan = findCluster(cluster, environment);
  const client = new ProxmoxClient(proxmoxAccess(plan.proxmox, environment));
  const tell = (line: string): void => err(`${line}\n`);
  return TerraformWorkspace.use({ stack: plan.stack, environment, tell }, async (workspace) => {
    const known = addressesOf(await workspace.terraform(['show', '-json', '-no-color']));
    const found = await adoptions(plan, client, known);
    out(
      json === true
        ? `${JSON.stringify({ format: 1, cluster: plan.name, resources: found }, undefined, 2)}\n`
        : describe(found.filter(({ fate }) => fate === 'adopt' || fate === 'refuse')),
    );
    const refused = found.filter(({ fate }) => fate === 'refuse');
    const wanted = found.filter(({ fate }) => fate === 'adopt');
    if (refused.length > 0) {
      tell(
        `${plan.name}: nothing was adopted: ${refused.length} not this cluster's; give the nodes other VM ids, or add the tag in Proxmox`,
      );
      return 1;
    }
    if (wanted.length === 0) tell(`${plan.name}: there is nothing to adopt`);
    else if (dryRun === true) tell(`${plan.name}: would adopt ${wanted.length}`);
    else {
      for (const { address, id } of wanted) {
        tell(`terraform import ${address}`);
        await workspace.terraform(['import', '-input=false', '-no-color', '-lock-timeout=30s', address, id]);
      }
      tell(`${plan.name}: adopted ${wanted.length}; next: npx groundwork review ${plan.name}`);
    }
    return 0;
  });
};

/** `groundwork import`: VMs that are there become Terraform's again. */
export const importCommand: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: the only one')
    .option('--dry-run', 'only say what would be adopted')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork import --dry-run', 'npx groundwork import infrastructure'],
        "something has a planned VM id and is not this cluster's, or bad input",
      ),
    )
    .action((cluster: string | undefined, flags: Flags) => run((surroundings) => adopt(cluster, flags, surroundings)));
};
