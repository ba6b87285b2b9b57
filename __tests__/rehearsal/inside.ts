/**
 * The part of a lab session that runs inside the lab's namespaces, as a process of its own:
 * `inside.ts <stack> check|watch|kubernetes <path>|proxmox <path>`. Prints JSON, `watch` a line of it for each look.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdQuorum, helmReleases, nodesReady, vipHolder, type Cluster } from '../../lab/rehearsal/checks';
import { clusterView, labView } from './lab-view';
import type { QuorumLook } from './quorum-watch';

/** As in a rehearsal, and the time that a rebooted node takes to be Ready again. */
const PATIENCE_MS = 60_000;
const WATCH_MS = 500;

const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const check = async (stack: string): Promise<void> => {
  const cluster = await clusterView(stack, PATIENCE_MS);
  const results = [];
  for (const step of [nodesReady, vipHolder, etcdQuorum, helmReleases]) results.push(await step(cluster));
  print(results);
};

/** The members as the first control plane that answers lists them, and how many of them say that they are healthy. */
const lookAtEtcd = async ({ lab, api, talos }: Cluster): Promise<QuorumLook> => {
  const planes = lab.site.nodes.filter(({ role }) => role === 'controlplane');
  const ready = api.text('/readyz').then(
    () => true,
    () => false,
  );
  const answers = await Promise.all(
    planes.map(async (node) => {
      try {
        const [members, services] = await Promise.all([talos.etcdMembers(node), talos.services(node)]);
        const healthy = services.find(({ id }) => id === 'etcd')?.health?.healthy === true;
        return { name: node.name, members, healthy };
      } catch {
        return { name: node.name, members: [], healthy: false };
      }
    }),
  );
  const listed = answers.find(({ healthy, members }) => healthy && members.length > 0)?.members ?? [];
  const voters = listed.filter((member) => !member.is_learner).map(({ hostname }) => hostname);
  const healthy = answers.filter((answer) => answer.healthy && voters.includes(answer.name)).map(({ name }) => name);
  return { at: new Date().toISOString(), voters: voters.sort(), healthy: healthy.sort(), vip: await ready };
};

const watch = async (stack: string): Promise<void> => {
  for (;;) {
    // Anew each time: a deploy that is under way may have synthesized other nodes.
    const look = await clusterView(stack, 0)
      .then(lookAtEtcd)
      .catch(() => undefined);
    if (look !== undefined) print(look);
    await sleep(WATCH_MS);
  }
};

const proxmox = async (stack: string, path: string): Promise<void> => {
  const { site } = labView(stack);
  const response = await fetch(`${site.proxmox.endpoint}/api2/json${path}`, {
    headers: { Authorization: `PVEAPIToken=${process.env['PROXMOX_VE_API_TOKEN'] ?? ''}` },
  });
  if (!response.ok) throw new Error(`GET ${path}: HTTP ${response.status} ${response.statusText}`);
  print(((await response.json()) as { readonly data: unknown }).data);
};

const main = async ([stack = '', what = '', path = '']: readonly string[]): Promise<void> => {
  if (what === 'check') await check(stack);
  else if (what === 'watch') await watch(stack);
  else if (what === 'proxmox') await proxmox(stack, path);
  else if (what === 'kubernetes') print(await (await clusterView(stack, 0)).api.get(path));
  else throw new Error(`"${what}" is unknown: use check, watch, kubernetes or proxmox`);
};

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
