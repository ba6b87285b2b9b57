import fc from 'fast-check';
import { loadCluster } from '../../../modules/model/load-cluster';
import { placeNodes, type Placeable, type PlacementRecord } from '../../../modules/model/placement';
import { recorded } from '../../fixtures/recorded';
import { validSpec } from '../../fixtures/valid-spec';

const node = (role: Placeable['role'], index: number, host?: string): Placeable => ({
  name: `${role}${index}`,
  role,
  pool: role,
  ...(host !== undefined && { host }),
});
const cluster = (controlPlanes: number, workers: number): Placeable[] => [
  ...Array.from({ length: controlPlanes }, (_, index) => node('controlplane', index)),
  ...Array.from({ length: workers }, (_, index) => node('worker', index)),
];
const alone = (host: string): string => host;
const hostsOf = (
  nodes: readonly Placeable[],
  hosts: readonly string[],
  record: PlacementRecord = {},
  domainOf = alone,
): string =>
  placeNodes(nodes, hosts, record, domainOf)
    .map(({ host }) => host)
    .join(' ');

describe('T-9b placement', () => {
  test.each([
    [['a'], 'a a a a a a a'],
    [['a', 'b'], 'a b a b a b a'],
    [['a', 'b', 'c'], 'a b c c b a c'],
    [['a', 'b', 'c', 'd'], 'a b c d c b a'],
  ])('three control planes and four workers on %j: %s', (hosts, expected) => {
    expect(hostsOf(cluster(3, 4), hosts)).toBe(expected);
  });

  test('control planes go to failure domains first, and to hosts of one domain in turn', () => {
    const rack = (host: string): string => (host === 'c' ? 'right' : 'left');
    expect(hostsOf(cluster(4, 0), ['a', 'b', 'c'], {}, rack)).toBe('a c b c');
  });

  test('control planes of two pools are spread as one, workers of each pool by themselves', () => {
    const other = { name: 'other0', role: 'controlplane', pool: 'other' } as const;
    const gpu = { name: 'gpu0', role: 'worker', pool: 'gpu' } as const;
    expect(hostsOf([node('controlplane', 0), other, node('worker', 0), gpu], ['a', 'b', 'c'])).toBe('a b c c');
  });

  test('the spec wins over the record, the record over the rule; new nodes go where there is room', () => {
    const nodes = [node('worker', 0, 'c'), node('worker', 1), node('worker', 2), node('worker', 3)];
    expect(placeNodes(nodes, ['a', 'b', 'c'], { worker0: 'a', worker1: 'b', worker9: 'a' }, alone)).toEqual([
      { host: 'c', placedBy: 'spec' },
      { host: 'b', placedBy: 'record' },
      { host: 'a', placedBy: 'rule' },
      { host: 'c', placedBy: 'rule' },
    ]);
  });

  test('T-7 nodes of a pool go to hosts of its architecture, which others leave alone', () => {
    const arm = Object.fromEntries(['arm0', 'arm1'].map((name) => [name, 'arm64']));
    const nodes = [
      ...cluster(1, 2),
      ...Object.keys(arm).map((name): Placeable => ({ name, role: 'worker', pool: 'arm' })),
    ];
    const suitable = ({ name }: Placeable): string[] => (name in arm ? ['c', 'd'] : ['a', 'b']);
    const placed = placeNodes(nodes, ['a', 'b', 'c', 'd'], {}, alone, suitable);
    expect(placed.map(({ host }) => host)).toEqual(['a', 'b', 'a', 'd', 'c']);
  });

  test('what is recorded never moves, whatever hosts come and whatever nodes', () => {
    const hosts = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
    const size = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(hosts, hosts, size, size, size, (before, after, controlPlanes, workers, more) => {
        const nodes = cluster(controlPlanes, workers);
        const placed = placeNodes(nodes, before, {}, alone).map(({ host }) => host);
        const record = Object.fromEntries(nodes.map(({ name }, index) => [name, placed[index] ?? '']));
        const grown = placeNodes([...nodes, ...cluster(0, workers + more).slice(workers)], after, record, alone);
        expect(grown.slice(0, nodes.length).map(({ host }) => host)).toEqual(placed);
      }),
    );
  });
});

describe('T-9b rules of placement', () => {
  const issues = (proxmox: object, record: PlacementRecord): string[] =>
    loadCluster(validSpec({ proxmox: { ...proxmox } }), record).issues.map(
      ({ code, message, fix }) => `${code}: ${message}; ${fix}`,
    );

  test('one host needs no record, and nobody is warned of it', () => {
    expect(issues({ hosts: ['atlas'] }, {})).toEqual([]);
  });

  test('a node on a host of one that was removed', () => {
    expect(issues({ hosts: ['atlas'] }, recorded('atlas', 'atlas', 'rhea', 'atlas', 'atlas'))).toEqual([
      'unknown-host: node controlplane2 is on host rhea by infrastructure.placement.json, and hosts are atlas; add the host again, or move the node: npx groundwork placement move controlplane2 <host> --cluster infrastructure',
    ]);
  });

  test('a failure domain with a host that is none', () => {
    expect(issues({ hosts: ['atlas'], failureDomains: { rack: ['atlas', 'rhea'] } }, {})).toEqual([
      'unknown-host: failure domain rack has the host rhea, which is none of atlas; add it to proxmox.hosts, or take it out of the domain',
    ]);
  });

  test('control planes that share a failure domain, where another is free', () => {
    const hosts = ['atlas', 'rhea', 'phoebe', 'dione'];
    const failureDomains = { rack: ['atlas', 'rhea'] };
    expect(issues({ hosts, failureDomains }, recorded('atlas', 'rhea', 'phoebe', 'dione', 'dione'))).toEqual([
      'shared-host: controlplane0 and controlplane1 share failure domain rack: without it 1 of 3 control planes are left, and etcd stands still; move one: npx groundwork placement move controlplane1 dione --cluster infrastructure',
    ]);
  });
});
