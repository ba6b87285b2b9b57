import { againstLeave, againstPause, lookAtEtcd, type EtcdView } from '../../../operations/talos/etcd-quorum';

const view = (voters: readonly string[], healthy: readonly string[], learners: readonly string[] = []): EtcdView => ({
  members: [
    ...voters.map((name) => ({ id: `id of ${name}`, name, isLearner: false })),
    ...learners.map((name) => ({ id: `id of ${name}`, name, isLearner: true })),
  ],
  healthy,
  faults: {},
  addresses: {},
});

describe('T-24 a pause of one member', () => {
  test.each([
    [view(['a', 'b', 'c'], ['a', 'b', 'c']), undefined],
    [view(['a', 'b', 'c'], ['b', 'c']), undefined],
    [view(['a', 'b', 'c'], ['a', 'b']), 'etcd has 3 voting members and needs 2 healthy: without a it has 1'],
    [view(['a', 'b'], ['a', 'b']), 'etcd has 2 voting members and needs 2 healthy: without a it has 1'],
    [view(['a'], ['a']), 'etcd has 1 voting member and needs 1 healthy: without a it has 0'],
    [view(['b', 'c', 'd'], ['b', 'c', 'd'], ['a']), undefined],
    [view(['a', 'b', 'c', 'd', 'e'], ['a', 'b', 'c', 'd']), undefined],
  ])('%#', (seen, against) => {
    expect(againstPause(seen, 'a')).toBe(against);
  });
});

describe('O-2 the leave of one member', () => {
  test.each([
    [view(['a', 'b', 'c'], ['a', 'b', 'c']), undefined],
    [view(['a', 'b', 'c'], ['b', 'c']), undefined],
    [view(['a', 'b'], ['a', 'b']), undefined],
    [view(['b', 'c', 'd'], ['b'], ['e']), undefined],
    [view(['a', 'b', 'c'], ['a', 'b']), '1 of the 2 members that are left would be healthy, and 2 are needed'],
    [view(['a', 'b', 'c'], ['b']), 'etcd has 1 of 3 voting members healthy, and takes no change with fewer than 2'],
    [view(['a'], ['a']), 'a is the only voting member of etcd: the cluster would end with it'],
  ])('%#', (seen, against) => {
    expect(againstLeave(seen, 'a')).toBe(against);
  });
});

describe('a look at etcd', () => {
  const planes = ['a', 'b', 'c'].map((name) => ({ name, address: `address of ${name}` }));
  const members = ['a', 'b', 'd'].map((hostname) => ({
    ...{ id: `id of ${hostname}`, hostname, peer_urls: [], client_urls: [], is_learner: hostname === 'd' },
  }));
  const etcd = (healthy: boolean) => ({
    ...{ id: 'etcd', state: 'Running', health: { unknown: false, healthy, last_message: 'no leader' } },
  });

  test('takes the list of a healthy member, and says of each other what is wrong', async () => {
    const seen = await lookAtEtcd(
      {
        services: (address) =>
          address === 'address of c'
            ? Promise.reject(new Error('no route'))
            : Promise.resolve([etcd(address.endsWith('b'))]),
        etcdMembers: () => Promise.resolve(members),
      },
      planes,
    );
    expect(seen).toEqual({
      members: [
        { id: 'id of a', name: 'a', isLearner: false },
        { id: 'id of b', name: 'b', isLearner: false },
        { id: 'id of d', name: 'd', isLearner: true },
      ],
      healthy: ['b'],
      faults: { a: 'etcd is not healthy: no leader', c: 'no route' },
      addresses: { a: 'address of a', b: 'address of b', c: 'address of c' },
    });
  });

  test('with no healthy member is none', async () => {
    const tools = {
      services: () => Promise.resolve([etcd(false)]),
      etcdMembers: () => Promise.resolve(members),
    };
    await expect(lookAtEtcd(tools, planes.slice(0, 1))).rejects.toThrow(
      new Error('no member of etcd is healthy: a: etcd is not healthy: no leader'),
    );
  });
});
