import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPlacement } from '../../../modules/placement/placement-file';
import { moveNode, placeCluster, recordedClusters, recordHosts } from '../../../operations/placement/placement';
import { validSpec, type SpecFields } from '../../fixtures/valid-spec';

describe('T-9b groundwork placement', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-placement-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const folders = { clusters: folder, states: folder };

  let specs = 0;
  /** A spec in the folder under a name of its own, and how it is read again. */
  const cluster = (name: string, changes: SpecFields) => {
    writeFileSync(
      join(folder, `spec${specs++}.ts`),
      `export const spec = ${JSON.stringify(validSpec({ name, ...changes }))};\n`,
    );
    return () => {
      const [found] = recordedClusters(folder, name);
      if (found === undefined) throw new Error(name);
      return found;
    };
  };
  const file = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.placement.json`), 'utf8'));
  const recordOf = (name: string) => readPlacement(folder, { name });

  test('records every node, and later only the new ones: another host moves nobody', () => {
    const before = cluster('grown', { proxmox: { hosts: ['a', 'b'] } });
    recordHosts(folders, placeCluster(before(), folders));
    const first = { controlplane0: 'a', controlplane1: 'b', controlplane2: 'a', worker0: 'b', worker1: 'a' };
    expect(file('grown')).toEqual(first);
    const { spec, record } = before();
    const worker = { ...spec.nodePools['worker'], count: 3 } as (typeof spec.nodePools)[string];
    const more = {
      ...spec,
      proxmox: { ...spec.proxmox, hosts: ['c', 'a', 'b'] },
      nodePools: { ...spec.nodePools, worker },
    };
    recordHosts(folders, placeCluster({ spec: more, record }, folders));
    expect(file('grown')).toEqual({ ...first, worker2: 'c' });
  });

  test('a cluster that was deployed before there was a record stays where its state says', () => {
    const read = cluster('older', { proxmox: { hosts: ['a', 'b', 'c'] } });
    const vm = (name: string, host: string) => ({
      mode: 'managed',
      type: 'proxmox_virtual_environment_vm',
      instances: [{ attributes: { name, node_name: host } }],
    });
    const resources = [vm('talos-controlplane0', 'a'), vm('talos-controlplane1', 'a'), vm('other', 'b')];
    writeFileSync(join(folder, 'infrastructure-older.tfstate'), JSON.stringify({ version: 4, resources }));
    expect(
      placeCluster(read(), folders).nodes.map(({ name, host, placedBy }) => `${name} ${host} ${placedBy}`),
    ).toEqual([
      'controlplane0 a record',
      'controlplane1 a record',
      'controlplane2 b rule',
      'worker0 c rule',
      'worker1 b rule',
    ]);
  });

  test('what is no state is refused', () => {
    const read = cluster('torn', {});
    writeFileSync(join(folder, 'torn.tfstate'), '{"version": 3}');
    expect(() => placeCluster(read(), folders, join(folder, 'torn.tfstate'))).toThrow(
      'this is no Terraform state of version 4; `terraform state pull` prints one',
    );
  });

  test('moves a node, and tells where it was', () => {
    const read = cluster('moved', { proxmox: { hosts: ['a', 'b', 'c'] } });
    recordHosts(folders, placeCluster(read(), folders));
    expect(moveNode(folders, read(), 'worker1', 'a')).toBe('b');
    expect(recordOf('moved')).toEqual({
      controlplane0: 'a',
      controlplane1: 'b',
      controlplane2: 'c',
      worker0: 'c',
      worker1: 'a',
    });
  });

  test.each([
    ['worker7', 'a', 'cluster refusing has no node "worker7"'],
    ['worker1', 'z', '"z" is none of the hosts a, b; list it first'],
    ['worker1', 'a', 'the host of worker1 is not recorded yet; run npx groundwork placement refusing --write first'],
  ])('%s is not moved to %s: %s', (node, host, message) => {
    const read = cluster('refusing', { proxmox: { hosts: ['a', 'b'] } });
    expect(() => moveNode(folders, read(), node, host)).toThrow(message);
  });

  test('a record that is none is refused, and a cluster that is not there', () => {
    writeFileSync(join(folder, 'broken.placement.json'), '["a"]');
    expect(() => recordOf('broken')).toThrow(
      `${folder}/broken.placement.json is no record of hosts by node, as {"worker0": "atlas"}; take it from Git again`,
    );
    expect(() => recordedClusters(folder, 'none')).toThrow(/^no cluster is called "none"; there are /);
  });
});
