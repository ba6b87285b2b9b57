import { findRestarts, plannedConfigs, type Restart } from '../../../operations/roll/restart-reasons';
import { inOrder, roll } from '../../../operations/roll/roll';
import { readPlan } from '../../../operations/review/terraform-plan';
import { TalosError } from '../../../operations/talos/talos-client';
import { FakeCluster, planWith } from '../fake-cluster';

const OPTIONS = { force: false, allowOutage: false, drainMs: 100, restartMs: 100, pollMs: 1 };
const MEMORY = { key: 'memory', value: '2048', pending: '4096' };

const restartsOf = (
  cluster: FakeCluster,
  wanted: readonly string[] = [],
  configs: ReadonlyMap<string, string> = new Map(),
  hardwareOnly = false,
): Promise<readonly Restart[]> =>
  findRestarts({
    ...{ plan: cluster.plan, proxmox: cluster.proxmox, talos: cluster.talos },
    ...{ registered: [...cluster.nodes.values()], wanted, configs, hardwareOnly },
  });
const summary = (restarts: readonly Restart[]): readonly unknown[] =>
  restarts.map(({ node, hardware, config, leftClosed }) => [node.name, hardware, config, leftClosed]);

describe('T-24 what needs a restart', () => {
  test('is what waits in Proxmox, and nothing that is as it was', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.pending.set(2000, [MEMORY, { key: 'name', value: 'a' }, { key: 'numa', value: 0, pending: '0' }]);
    cluster.pending.set(1501, [
      { key: 'hostpci0', value: 'mapping=gpu', delete: 1 },
      { key: 'cpu', pending: 'host' },
    ]);
    expect(summary(await restartsOf(cluster))).toEqual([
      ['controlplane1', ['hostpci0 mapping=gpu → unset', 'cpu unset → host'], undefined, false],
      ['worker0', ['memory 2048 → 4096'], undefined, false],
    ]);
  });

  test('is a planned config of which the node says so', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.modes.set('10.0.2.1', 'REBOOT');
    const configs = new Map([
      ['10.0.2.1', 'with restart'],
      ['10.0.2.2', 'without'],
    ]);
    expect(summary(await restartsOf(cluster, [], configs))).toEqual([['worker0', [], 'with restart', false]]);
  });

  test('is what was named, and what a roll has left closed', async () => {
    const cluster = new FakeCluster(planWith());
    await cluster.kubernetes.patch('/api/v1/nodes/worker1', {
      metadata: { annotations: { 'groundwork/cordoned-by': 'roll' } },
      spec: { unschedulable: true },
    });
    expect(summary(await restartsOf(cluster, ['controlplane0']))).toEqual([
      ['controlplane0', [], undefined, false],
      ['worker1', [], undefined, true],
    ]);
  });

  test('of a plan is the config of each node that gets another one, and of none that is new', () => {
    const applied = (node: string, actions: readonly string[], input: string) => ({
      address: `talos_machine_configuration_apply.${node}`,
      ...{ mode: 'managed', type: 'talos_machine_configuration_apply' },
      change: { actions, after: { node, machine_configuration_input: input } },
    });
    const plan = {
      ...{ format_version: '1.2', planned_values: {} },
      resource_changes: [applied('10.0.1.1', ['update'], 'new'), applied('10.0.2.1', ['create'], 'first')],
    };
    expect([...plannedConfigs(readPlan(plan))]).toEqual([['10.0.1.1', 'new']]);
  });
});

describe('T-24 a roll', () => {
  test('restarts workers first, one after the other, each drained', async () => {
    const cluster = new FakeCluster(planWith());
    for (const { vmId } of cluster.plan.nodes) cluster.pending.set(vmId, [MEMORY]);
    const restarts = await restartsOf(cluster);
    expect(inOrder(restarts).map(({ node }) => node.name)).toEqual([
      ...['worker0', 'worker1', 'controlplane0', 'controlplane1', 'controlplane2'],
    ]);
    await roll(cluster, restarts, [], OPTIONS);
    expect(cluster.log).toEqual(
      ['worker0', 'worker1', 'controlplane0', 'controlplane1', 'controlplane2'].flatMap((name) => [
        ...[`cordon ${name}`, `power cycle ${name}`, `uncordon ${name}`],
      ]),
    );
    expect(await restartsOf(cluster)).toEqual([]);
  });

  test('the leader of etcd hands the leadership over before it restarts', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.leader = 'controlplane0';
    await roll(cluster, await restartsOf(cluster, ['controlplane0']), ['controlplane0'], OPTIONS);
    expect(cluster.log).toEqual([
      'cordon controlplane0',
      'leadership from controlplane0 to controlplane1',
      'reboot controlplane0',
      'uncordon controlplane0',
    ]);
    expect(cluster.said).toContain('controlplane0 hands the leadership of etcd to controlplane1');
  });

  test('a leader that does not hand it over is restarted all the same', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.leader = 'controlplane0';
    cluster.leadershipFault = new TalosError('UNKNOWN failed to forfeit leadership', 'UNKNOWN');
    await roll(cluster, await restartsOf(cluster, ['controlplane0']), ['controlplane0'], OPTIONS);
    expect(cluster.log).toEqual(['cordon controlplane0', 'reboot controlplane0', 'uncordon controlplane0']);
    expect(cluster.said).toContain(
      'controlplane0 does not hand over the leadership of etcd, so the others elect a leader when it is gone: UNKNOWN failed to forfeit leadership',
    );
  });

  test('hands over a config for the next boot; a reboot is enough for it', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.modes.set('10.0.1.1', 'REBOOT');
    await roll(cluster, await restartsOf(cluster, [], new Map([['10.0.1.1', 'the config']])), [], OPTIONS);
    expect(cluster.log).toEqual([
      'cordon controlplane0',
      'apply the config to controlplane0: STAGED',
      'reboot controlplane0',
      'uncordon controlplane0',
    ]);
    expect(cluster.said.join('\n')).not.toContain('the config');
  });

  test('opens what a roll before has left closed, and restarts it only where there is a reason', async () => {
    const cluster = new FakeCluster(planWith());
    const closed = { metadata: { annotations: { 'groundwork/cordoned-by': 'roll' } }, spec: { unschedulable: true } };
    await cluster.kubernetes.patch('/api/v1/nodes/worker1', closed);
    await roll(cluster, await restartsOf(cluster), [], OPTIONS);
    expect(cluster.log).toEqual(['cordon worker1', 'uncordon worker1']);
  });

  test('leaves a node closed that somebody else has closed', async () => {
    const cluster = new FakeCluster(planWith());
    await cluster.kubernetes.patch('/api/v1/nodes/worker1', {
      metadata: { annotations: {} },
      spec: { unschedulable: true },
    });
    await roll(cluster, await restartsOf(cluster, ['worker1']), ['worker1'], OPTIONS);
    expect(cluster.log).toEqual(['cordon worker1', 'reboot worker1']);
    expect(cluster.said.at(-1)).toBe('worker1 was closed for new pods before, and stays so');
  });

  test('with two control planes wants to be told that the API may be away, and touches nothing before', async () => {
    const cluster = new FakeCluster(planWith(2, 1));
    const wanted = ['worker0', 'controlplane1'];
    const restarts = await restartsOf(cluster, wanted);
    await expect(roll(cluster, restarts, wanted, OPTIONS)).rejects.toThrow(
      new Error(
        'etcd has 2 voting members and needs 2 healthy: without controlplane1 it has 1\n' +
          'mend that, or add --allow-outage if the API may be away while a control plane restarts',
      ),
    );
    expect(cluster.log).toEqual([]);
    await roll(cluster, restarts, wanted, { ...OPTIONS, allowOutage: true });
    expect(cluster.log).toContain('reboot controlplane1');
  });
});

describe('O-2 a roll upgrades Talos', () => {
  /** Of the fixture's plan: `net.ifnames=0` and the guest agent. */
  const INSTALLER = 'factory.talos.dev/metal-installer/INSTALLER:v1.13.9';
  const older = (names: readonly string[], version = 'v1.13.8', size = planWith()): FakeCluster => {
    const cluster = new FakeCluster(size);
    for (const { name, address } of cluster.plan.nodes) {
      const machine = cluster.machines.get(address.toString());
      if (machine !== undefined && names.includes(name)) machine.talos = version;
    }
    return cluster;
  };
  const withoutId = (line: string): string => line.replace(/[0-9a-f]{64}/, 'INSTALLER');

  test('of each node that runs an older one, workers first, control planes one at a time', async () => {
    const cluster = older(['controlplane0', 'controlplane2', 'worker1']);
    const restarts = await restartsOf(cluster);
    expect(restarts.map(({ node, upgrade }) => [node.name, upgrade?.from, upgrade?.to])).toEqual([
      ['controlplane0', 'v1.13.8', 'v1.13.9'],
      ['controlplane2', 'v1.13.8', 'v1.13.9'],
      ['worker1', 'v1.13.8', 'v1.13.9'],
    ]);
    await roll(cluster, restarts, [], OPTIONS);
    expect(cluster.log.map(withoutId)).toEqual(
      ['worker1', 'controlplane0', 'controlplane2'].flatMap((name) => [
        ...[`cordon ${name}`, `upgrade ${name} by ${INSTALLER}`, `uncordon ${name}`],
      ]),
    );
    expect(await restartsOf(cluster)).toEqual([]);
  });

  test('and brings hardware in by a restart of its own, while the node is drained', async () => {
    const cluster = older(['worker0']);
    cluster.pending.set(2000, [MEMORY]);
    await roll(cluster, await restartsOf(cluster), [], OPTIONS);
    expect(cluster.log.map(withoutId)).toEqual([
      ...['cordon worker0', `upgrade worker0 by ${INSTALLER}`, 'power cycle worker0', 'uncordon worker0'],
    ]);
  });

  test('and not of a newer one, nor where only hardware is asked for', async () => {
    expect(await restartsOf(older(['worker0'], 'v1.14.0'))).toEqual([]);
    expect(await restartsOf(older(['worker0']), [], new Map(), true)).toEqual([]);
  });

  test('and waits for the planned version: an installer that has failed leaves the old one', async () => {
    const cluster = older(['worker0', 'worker1']);
    const upgrade = cluster.talos.upgrade;
    cluster.talos.upgrade = (address, image) => upgrade(address, image.replace('v1.13.9', 'v1.13.8'));
    await expect(roll(cluster, await restartsOf(cluster), [], OPTIONS)).rejects.toThrow(
      'worker0 is back: not so within 0.1 s; it runs Talos v1.13.8 still: its console in Proxmox says why',
    );
    expect(cluster.log.filter((line) => line.includes('worker1'))).toEqual([]);
  });

  test('and leaves out no minor version', async () => {
    const cluster = older(['worker0', 'controlplane0'], 'v1.11.5');
    await expect(roll(cluster, await restartsOf(cluster), [], OPTIONS)).rejects.toThrow(
      new Error(
        'controlplane0 runs Talos v1.11.5, worker0 runs Talos v1.11.5, and v1.13.9 leaves out a minor version; set versions.talos to the last release of the next one, and roll that first',
      ),
    );
    expect(cluster.log).toEqual([]);
  });
});
