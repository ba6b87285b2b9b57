import { formatIssues } from '../../modules/model/issue';
import { loadCluster } from '../../modules/model/load-cluster';
import { checkClusters, CLUSTER_CODES } from '../../specs/check-clusters';
import { validSpec, type SpecFields } from '../fixtures/valid-spec';

/** A second cluster that takes nothing from the first. */
const APART: SpecFields = {
  name: 'lab',
  vip: { address: '10.0.6.1' },
  loadBalancerPools: { services: { range: '10.0.6.4-10.0.6.20' } },
  nodePools: {
    controlplane: undefined,
    worker: undefined,
    'lab-controlplane': { role: 'controlplane', count: 3, firstAddress: '10.0.4.1', firstVmId: 3000 },
    'lab-worker': { role: 'worker', count: 2, firstAddress: '10.0.5.1', firstVmId: 4000 },
  },
};

const issuesBeside = (changes: SpecFields): string => {
  const plans = [validSpec(), validSpec({ ...APART, ...changes })].flatMap((spec) => loadCluster(spec).plan ?? []);
  expect(plans).toHaveLength(2);
  return formatIssues(checkClusters(plans).map(({ issue }) => issue));
};
const pools = (changes: SpecFields): SpecFields => ({
  nodePools: { ...(APART['nodePools'] as SpecFields), ...changes },
});

const CASES: Readonly<Record<(typeof CLUSTER_CODES)[number], readonly [SpecFields, readonly string[]]>> = {
  'duplicate-cluster': [
    { name: 'infrastructure' },
    [
      'error duplicate-cluster at name',
      '  another cluster is called "infrastructure", too; stack, state and the tag of VMs follow from the name',
      '  fix: rename one of the two',
    ],
  ],
  'shared-address': [
    pools({ 'lab-worker': { role: 'worker', count: 2, firstAddress: '10.0.2.2', firstVmId: 4000 } }),
    [
      'error shared-address at nodePools.lab-worker.firstAddress',
      '  10.0.2.2 of node lab-worker0 of lab meets 10.0.2.2 of node worker1 of infrastructure',
      '  fix: give each address to one cluster',
    ],
  ],
  'shared-vm-id': [
    pools({ 'lab-worker': { role: 'worker', count: 2, firstAddress: '10.0.5.1' } }),
    [
      'error shared-vm-id at nodePools.lab-worker.firstVmId',
      '  VM id 2000 is that of node worker0 of infrastructure and node lab-worker0 of lab (and 1 more of the same)',
      '  fix: begin the ids of this pool elsewhere; they are one set in a Proxmox VE, containers included',
    ],
  ],
  'shared-vm-name': [
    pools({ 'lab-worker': undefined, worker: { role: 'worker', count: 1, firstAddress: '10.0.5.1', firstVmId: 4000 } }),
    [
      'warning shared-vm-name at nodePools.worker',
      '  VM name talos-worker0 is that of node worker0 of infrastructure and node worker0 of lab; Proxmox allows it, and its lists show two that look alike',
      '  fix: rename the pool, as lab-worker, before the first deploy',
    ],
  ],
  'shared-image': [
    {
      // A bridge of its own, so that the address may be the same: name and address make the image
      proxmox: { bridge: 'vmbr1' },
      ...pools({
        'lab-worker': undefined,
        worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1', firstVmId: 4000 },
      }),
    },
    [
      'error shared-image at nodePools.worker',
      expect.stringMatching(
        /^ {2}image talos-1\.13\.9-[0-9a-f]{12}-amd64\.qcow2 on atlas is that of node worker0 of infrastructure and node worker0 of lab$/,
      ),
      '  fix: use another image storage, another host, or other names of node pools',
    ],
  ],
};

describe('T-3 several clusters on one Proxmox', () => {
  test('take nothing from each other where they are apart', () => {
    expect(issuesBeside({})).toBe('0 errors, 0 warnings');
  });

  test.each(CLUSTER_CODES)('%s is told with both owners', (code) => {
    const [changes, lines] = CASES[code];
    const blocks = issuesBeside(changes).split('\n\n');
    expect(blocks.find((block) => block.includes(` ${code} `))?.split('\n')).toEqual(lines);
  });

  test('another Proxmox shares nothing but names of clusters', () => {
    expect(
      issuesBeside({
        ...(validSpec() as SpecFields),
        name: 'lab',
        proxmox: { endpoint: 'https://titan:8006/', hosts: ['titan'] },
      }),
    ).toBe('0 errors, 0 warnings');
  });

  test('a load-balancer pool may not hold a node of another cluster', () => {
    expect(issuesBeside({ loadBalancerPools: { services: { range: '10.0.1.2-10.0.1.200' } } })).toBe(
      [
        'error shared-address at loadBalancerPools.services.range',
        '  10.0.1.2-10.0.1.200 of pool services of lab meets 10.0.1.2 of node controlplane1 of infrastructure (and 1 more of the same)',
        '  fix: give each address to one cluster',
        '',
        '1 error, 0 warnings',
      ].join('\n'),
    );
  });
});
