import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdPath } from '../control-plane/hold';
import { partition, readDisk } from '../hardware/disk';
import type { VirtualHardware } from '../hardware/hypervisor';
import type { NodeSite } from '../site/site';
import { PLACES } from '../world/places';
import type { Cluster } from './checks';
import { look, type CheckResult } from './check-result';
import { apiAddressOf, leaseHolder, vipHolders } from './vip';

/** kube-vip gives up its lease after 5 s at most and another takes it within 5 s more; the rest is a slow computer's. */
const LIMIT_S = 60;
const POLL_MS = 250;
const SERVER = 'kube-apiserver';

/** The lab switch that keeps a process of a node down: see lab/control-plane/hold.ts. */
const holdFile = (vmid: number): string => {
  const { disks } = JSON.parse(
    readFileSync(join(PLACES.machines, String(vmid), 'hardware.json'), 'utf8'),
  ) as VirtualHardware;
  const boot = disks.find(({ path }) => readDisk(path).image !== null);
  if (boot === undefined) throw new Error(`VM ${vmid} has no disk that it boots from`);
  return join(holdPath(partition(boot.path, 'EPHEMERAL')), SERVER);
};

/** Asks until `find` gives something. @throws Error with the last reason when the time is over */
const until = async <T>(what: string, signal: AbortSignal, find: () => Promise<T | undefined>): Promise<T> => {
  const end = Date.now() + LIMIT_S * 1000;
  let last = 'nothing was seen';
  while (Date.now() < end && !signal.aborted) {
    try {
      const found = await find();
      if (found !== undefined) return found;
    } catch (error) {
      last = (error as Error).message;
    }
    await sleep(POLL_MS);
  }
  throw new Error(`${what}: not within ${LIMIT_S} s; ${last}`);
};

const failOver = async (
  { lab, api }: Cluster,
  from: NodeSite,
): Promise<{ readonly to: string; readonly seconds: number }> => {
  const address = apiAddressOf(api);
  const started = Date.now();
  const killed = await lab.inNode(from.vmid, ['sh', '-c', `kill -9 $(pidof ${SERVER})`]);
  if (killed.status !== 0) throw new Error(`${SERVER} on ${from.name} can't be killed: ${killed.stderr.trim()}`);
  return until(`the API answers at ${address} from another node`, lab.stopping, async () => {
    const [holder, ...others] = await vipHolders(lab, address);
    if (holder === undefined || others.length > 0 || holder.name === from.name) return undefined;
    await api.text('/readyz');
    const lease = await leaseHolder(api);
    return lease === holder.name ? { to: holder.name, seconds: (Date.now() - started) / 1000 } : undefined;
  });
};

/**
 * kube-apiserver alone dies on the node that holds the VIP, and stays dead: kube-vip there, which asks only its own
 * node's API server, loses the lease, and another node answers at the VIP. Then the dead one is let up again.
 */
export const vipFailover = (cluster: Cluster): Promise<CheckResult> =>
  look('vip-failover', `look into ${cluster.lab.logFolder}: kube-vip.log of each control plane`, async () => {
    const { lab, api } = cluster;
    const [from] = await vipHolders(lab, apiAddressOf(api));
    if (from === undefined) throw new Error(`nobody holds ${apiAddressOf(api)}`);
    const hold = holdFile(from.vmid);
    mkdirSync(join(hold, '..'), { recursive: true });
    writeFileSync(hold, '');
    try {
      const { to, seconds } = await failOver(cluster, from);
      return {
        good: true,
        fact: `${SERVER} killed on ${from.name}: the API answers at ${apiAddressOf(api)} from ${to} after ${seconds.toFixed(1)} s`,
        seen: { from: from.name, to, seconds },
      };
    } finally {
      rmSync(hold, { force: true });
      await until(`${SERVER} on ${from.name} is back`, lab.stopping, () => api.text('/readyz', from.address));
    }
  });
