import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { CheckResult } from '../../lab/rehearsal/check-result';
import type { RehearsalReport } from '../../lab/rehearsal/report';

const CHECKOUT = join(__dirname, '..', '..');
/** A deploy, a failover and a destroy, on a computer that does other things beside. */
const LIMIT_MS = 15 * 60_000;

interface Rehearsal {
  readonly status: number | null;
  readonly report: RehearsalReport;
}

/** One run, as a user starts it. @throws Error with the last of what it said where it gave no report */
const rehearse = async (): Promise<Rehearsal> => {
  const parameters = ['bin/groundwork.cjs', 'lab', 'rehearse', '--json', '--scenario', 'vip-failover'];
  const child = spawn(process.execPath, parameters, { cwd: CHECKOUT, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [json, said, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  try {
    return { status, report: JSON.parse(json) as RehearsalReport };
  } catch {
    throw new Error(`the rehearsal ended with status ${status ?? 'none'} and no report:\n${said.slice(-4000)}`);
  }
};

describe('the default cluster, deployed for real in the rehearsal lab', () => {
  let rehearsal: Rehearsal;
  const check = (name: string): CheckResult | undefined =>
    rehearsal.report.checks.find((result) => result.check === name);
  /** What the check saw; its whole result where it did not pass, so that the failure says why. */
  const seen = (name: string): unknown => {
    const result = check(name);
    return result?.status === 'PASS' ? result.seen : result;
  };

  beforeAll(async () => {
    rehearsal = await rehearse();
  }, LIMIT_MS);

  test('T-23 one `cdktf deploy infrastructure` is enough, and every check passes', () => {
    expect(rehearsal.report.checks.map(({ check: name, status }) => `${status} ${name}`)).toEqual([
      'PASS deploy',
      'PASS credentials',
      'PASS nodes-ready',
      'PASS vip-holder',
      'PASS etcd-quorum',
      'PASS helm-releases',
      'PASS second-plan',
      'PASS vip-failover',
      'PASS destroy',
    ]);
    expect(rehearsal).toMatchObject({ status: 0, report: { version: 1, stack: 'infrastructure', profile: 'instant' } });
  });

  test('T-13 the phases are reached in their order', () => {
    const { phases } = rehearsal.report;
    expect(phases.map(({ name, done, planned }) => `${name} ${done}/${planned}`)).toEqual([
      'images 10/10',
      'VMs 5/5',
      'configs 5/5',
      'bootstrap 2/2',
      'API 1/1',
      'Cilium 1/1',
      'nodes 1/1',
      'Flux 3/3',
    ]);
    const ended = phases.map(({ endedAt }) => endedAt ?? Infinity);
    const order = ['bootstrap', 'API', 'Cilium', 'nodes', 'Flux'].map(
      (name) => ended[phases.findIndex((phase) => phase.name === name)] ?? Infinity,
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order.every(Number.isFinite)).toBe(true);
  });

  test('T-1 all five nodes are Ready at their own addresses, as the API server says at the VIP', () => {
    const nodes = seen('nodes-ready') as readonly { readonly name: string }[];
    expect([...nodes].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'controlplane0', address: '10.0.1.1', ready: true, version: 'v1.35.0' },
      { name: 'controlplane1', address: '10.0.1.2', ready: true, version: 'v1.35.0' },
      { name: 'controlplane2', address: '10.0.1.3', ready: true, version: 'v1.35.0' },
      { name: 'worker0', address: '10.0.2.1', ready: true, version: 'v1.35.0' },
      { name: 'worker1', address: '10.0.2.2', ready: true, version: 'v1.35.0' },
    ]);
  });

  test('T-12 exactly one control plane has the VIP, and it holds the lease', () => {
    const holder = seen('vip-holder') as { readonly nodes: readonly string[]; readonly lease: string };
    expect(holder).toMatchObject({ address: '10.0.3.1', nodes: [holder.lease] });
    expect(['controlplane0', 'controlplane1', 'controlplane2']).toContain(holder.lease);
  });

  test('T-13 etcd has three voting members, one on each control plane', () => {
    const members = seen('etcd-quorum') as readonly { readonly hostname: string }[];
    expect([...members].sort((a, b) => (a.hostname < b.hostname ? -1 : 1))).toEqual([
      { hostname: 'controlplane0', peerUrls: ['https://10.0.1.1:2380'], learner: false },
      { hostname: 'controlplane1', peerUrls: ['https://10.0.1.2:2380'], learner: false },
      { hostname: 'controlplane2', peerUrls: ['https://10.0.1.3:2380'], learner: false },
    ]);
  });

  test('T-15 T-16 Cilium and Flux are deployed at the pinned versions', () => {
    const releases = seen('helm-releases') as readonly { readonly name: string }[];
    expect([...releases].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'cilium', namespace: 'kube-system', chart: 'cilium', version: '1.19.6', status: 'deployed' },
      { name: 'flux-system', namespace: 'flux-system', chart: 'flux2-sync', version: '1.14.5', status: 'deployed' },
      { name: 'flux2', namespace: 'flux-system', chart: 'flux2', version: '2.18.3', status: 'deployed' },
    ]);
  });

  test('T-14 a second plan changes nothing', () => {
    expect(seen('second-plan')).toMatchObject({ planStatus: 0, diffStatus: 0, unchanged: true });
  });

  test('T-12 kube-apiserver alone dies on the holder of the VIP, and the API answers there from another node', () => {
    const { from, to, seconds } = seen('vip-failover') as {
      readonly from: string;
      readonly to: string;
      readonly seconds: number;
    };
    const planes = ['controlplane0', 'controlplane1', 'controlplane2'];
    expect(planes).toContain(from);
    expect(planes.filter((name) => name !== from)).toContain(to);
    expect(seconds).toBeLessThan(60);
  });

  test('T-14 destroy leaves no VM, disk or image behind', () => {
    expect(seen('destroy')).toMatchObject({ status: 0, machines: [], volumes: [] });
  });

  test('the whole lab fits in 4 GiB', () => {
    expect(rehearsal.report.peakMemoryBytes).toBeGreaterThan(0.5 * 2 ** 30);
    expect(rehearsal.report.peakMemoryBytes).toBeLessThan(4 * 2 ** 30);
  });
});
