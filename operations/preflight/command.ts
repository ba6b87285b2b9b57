import { examples, type Define, type Surroundings } from '../command';
import { findCluster } from '../deployment/find-cluster';
import { tally } from '../finding';
import { ProxmoxClient, proxmoxAccess } from '../proxmox/proxmox-client';
import { type Finding, report } from './finding';
import { preflight, TOKEN_FIX, unreachable } from './preflight';
import type { ClusterPlan } from '../../modules/model/cluster-plan';

const findingsOf = async (plan: ClusterPlan, environment: Surroundings['environment']): Promise<readonly Finding[]> => {
  try {
    return await preflight(plan, new ProxmoxClient(proxmoxAccess(plan.proxmox, environment)));
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('PROXMOX_VE_API_TOKEN'))
      return unreachable(error.message, TOKEN_FIX);
    throw error;
  }
};

/** `groundwork preflight`: is Proxmox ready for a deploy? */
export const preflightCommand: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: the only one')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork preflight', 'npx groundwork preflight infrastructure --json'],
        'something that a deploy would fail at, or bad input',
      ),
    )
    .action((cluster: string | undefined, { json }: { readonly json?: boolean }) =>
      run(async ({ environment, out, err, colours }) => {
        const plan = findCluster(cluster, environment);
        const findings = await findingsOf(plan, environment);
        out(
          json === true
            ? `${JSON.stringify({ cluster: plan.name, findings }, undefined, 2)}\n`
            : report(findings, colours),
        );
        err(`${plan.name}: ${tally(findings)}\n`);
        return findings.some(({ outcome }) => outcome === 'FAIL') ? 1 : 0;
      }),
    );
};
