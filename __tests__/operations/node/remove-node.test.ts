import { InputError } from '../../../operations/deployment/find-cluster';
import { removeNode } from '../../../operations/node/remove-node';
import { FakeCluster, planWith } from '../fake-cluster';

const OPTIONS = { dryRun: false, force: false, drainMs: 100, pollMs: 1 };

describe('O-2 a node is removed', () => {
  test('a worker: drained, wiped, its Node deleted; a second time does nothing', async () => {
    const cluster = new FakeCluster(planWith());
    const next = 'set nodePools.worker.count to 1, then npx cdktf deploy infrastructure deletes the VM';
    expect(await removeNode(cluster, 'worker1', OPTIONS)).toBe(next);
    expect(cluster.log).toEqual(['cordon worker1', 'reset worker1', 'delete worker1']);
    expect(await removeNode(cluster, 'worker1', OPTIONS)).toBe(next);
    expect(cluster.log).toHaveLength(3);
    expect(cluster.said.at(-1)).toBe(
      'worker1 is in neither Kubernetes nor etcd, and no machine answers for it: there is nothing to take out',
    );
  });

  test('a control plane leaves etcd by itself, before it is wiped', async () => {
    const cluster = new FakeCluster(planWith());
    await removeNode(cluster, 'controlplane2', OPTIONS);
    expect(cluster.log).toEqual([
      'cordon controlplane2',
      'etcd leave controlplane2',
      'reset controlplane2',
      'delete controlplane2',
    ]);
  });

  test('a control plane that is dead is taken out by another', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.lose('controlplane2');
    await removeNode(cluster, 'controlplane2', OPTIONS);
    expect(cluster.log).toEqual(['etcd remove-member id of controlplane2 by controlplane0', 'delete controlplane2']);
  });

  test('a control plane that was made and never joined is stopped, so that it does not join later', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.etcd.delete('controlplane2');
    cluster.nodes.delete('controlplane2');
    await removeNode(cluster, 'controlplane2', { ...OPTIONS, dryRun: true });
    expect(cluster.log).toEqual([]);
    expect(cluster.said).toEqual([
      'controlplane2 runs with a config of this cluster, and has not joined: neither Kubernetes nor etcd knows it',
      'would wipe controlplane2, and switch it off, so that it does not join later',
    ]);
    expect(await removeNode(cluster, 'controlplane2', OPTIONS)).toBe(
      'set nodePools.controlplane.count to 2, then npx cdktf deploy infrastructure deletes the VM',
    );
    expect(cluster.log).toEqual(['reset controlplane2']);
  });

  test('its member of etcd goes too, which has no name before it starts, and keeps others from joining', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.etcd.delete('controlplane2');
    cluster.unstarted.add('controlplane2');
    cluster.nodes.delete('controlplane2');
    cluster.lose('controlplane2');
    await removeNode(cluster, 'controlplane2', OPTIONS);
    expect(cluster.log).toEqual(['etcd remove-member id of controlplane2 by controlplane0', 'delete controlplane2']);
  });

  test('one that the spec has no more is removed too', async () => {
    const cluster = new FakeCluster(planWith());
    const { talos, kubernetes, say } = cluster;
    const smaller = { plan: planWith(3, 1), talos, kubernetes, say };
    expect(await removeNode(smaller, 'worker1', OPTIONS)).toBe('npx cdktf deploy infrastructure deletes the VM');
    expect(cluster.log).toEqual(['cordon worker1', 'reset worker1', 'delete worker1']);
  });

  test('the one before it can go then, though the spec has both still', async () => {
    const cluster = new FakeCluster(planWith(3, 3));
    await removeNode(cluster, 'worker2', OPTIONS);
    expect(await removeNode(cluster, 'worker1', OPTIONS)).toBe(
      'set nodePools.worker.count to 1, then npx cdktf deploy infrastructure deletes the VM',
    );
    expect([...cluster.nodes.keys()].filter((name) => name.startsWith('worker'))).toEqual(['worker0']);
  });

  test('a dry run touches nothing', async () => {
    const cluster = new FakeCluster(planWith());
    await removeNode(cluster, 'controlplane2', { ...OPTIONS, dryRun: true });
    expect(cluster.log).toEqual([]);
    expect(cluster.said).toEqual([
      'would close controlplane2 for new pods, and drain it',
      'would take controlplane2 out of etcd, which has 3 members',
      'would wipe controlplane2, switch it off, and delete its Node',
    ]);
  });
});

describe('O-2 a node may not go', () => {
  const refusal = async (cluster: FakeCluster, name: string): Promise<string> => {
    const error: unknown = await removeNode(cluster, name, OPTIONS).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(InputError);
    expect(cluster.log).toEqual([]);
    return (error as Error).message;
  };

  test('from the middle of its pool', async () => {
    expect(await refusal(new FakeCluster(planWith()), 'worker0')).toBe(
      'worker0 is not the last node of pool worker, and a pool is its first 2 indexes; remove worker1, or replace worker0',
    );
  });

  test('while it is protected: its disks would be wiped', async () => {
    const cluster = new FakeCluster(planWith());
    const nodes = cluster.plan.nodes.map((node) => ({ ...node, protection: node.name === 'worker1' }));
    const { talos, kubernetes, say } = cluster;
    const protectedOne = { plan: { ...cluster.plan, nodes }, talos, kubernetes, say };
    await expect(removeNode(protectedOne, 'worker1', { ...OPTIONS, dryRun: true })).rejects.toThrow(
      new InputError(
        "worker1 can't be removed: it is protected, and a removal wipes its disks; deploy `protection: false` for it first, in nodePools.worker.nodes.worker1",
      ),
    );
    expect(cluster.log).toEqual([]);
  });

  test('that nobody knows', async () => {
    expect(await refusal(new FakeCluster(planWith(1, 1)), 'worker7')).toBe(
      'there is no node worker7, neither in the spec, nor in Kubernetes, nor in etcd; the spec has controlplane0, worker0',
    );
  });

  test('where etcd would have no quorum without it', async () => {
    const cluster = new FakeCluster(planWith());
    cluster.lose('controlplane0');
    expect(await refusal(cluster, 'controlplane2')).toBe(
      "controlplane2 can't be removed: 1 of the 2 members that are left would be healthy, and 2 are needed",
    );
  });

  test('as the last member of etcd', async () => {
    expect(await refusal(new FakeCluster(planWith(1, 1)), 'controlplane0')).toBe(
      "controlplane0 can't be removed: controlplane0 is the only voting member of etcd: the cluster would end with it",
    );
  });
});
