import fc from 'fast-check';
import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import { loadCluster } from '../../../modules/model/load-cluster';
import { parseClusterSpec } from '../../../modules/model/parse-spec';
import { planCluster } from '../../../modules/model/plan-cluster';
import { validSpec, type SpecFields } from '../../fixtures/valid-spec';

const planOf = (changes?: SpecFields): ClusterPlan => {
  const { plan, issues } = loadCluster(validSpec(changes));
  if (plan === undefined) throw new Error(JSON.stringify(issues));
  return plan;
};
/** Without the rules, which want the hosts of nodes recorded. */
const unchecked = (changes: SpecFields): ClusterPlan => {
  const { spec } = parseClusterSpec(validSpec(changes));
  if (spec === undefined) throw new Error('the spec has a wrong field');
  return planCluster(spec);
};
const rows = ({ nodes }: ClusterPlan): string[] =>
  nodes.map(({ name, address, vmId, vmName, host }) => [name, address.toString(), vmId, vmName, host].join(' '));

describe('T-1 nodes', () => {
  test('pools expand, control planes first whatever the order of the spec', () => {
    const nodePools = {
      gpu: { role: 'worker', count: 1, firstAddress: '10.0.4.1', firstVmId: 3000 },
      controlplane: { role: 'controlplane', firstAddress: '10.0.1.1' },
      worker: { role: 'worker', firstAddress: '10.0.2.1' },
    };
    const { plan } = loadCluster({ ...(validSpec() as SpecFields), nodePools });
    expect(plan && rows(plan)).toEqual([
      'controlplane0 10.0.1.1 1500 talos-controlplane0 atlas',
      'controlplane1 10.0.1.2 1501 talos-controlplane1 atlas',
      'controlplane2 10.0.1.3 1502 talos-controlplane2 atlas',
      'gpu0 10.0.4.1 3000 talos-gpu0 atlas',
      'worker0 10.0.2.1 2000 talos-worker0 atlas',
      'worker1 10.0.2.2 2001 talos-worker1 atlas',
    ]);
  });

  test('addresses count on into the next block', () => {
    const { nodes } = planOf({ nodePools: { worker: { count: 3, firstAddress: '10.0.2.254' } } });
    expect(nodes.slice(3).map(({ address }) => address.toString())).toEqual(['10.0.2.254', '10.0.2.255', '10.0.3.0']);
  });

  test('without workers the control planes take pods', () => {
    expect(planOf({ nodePools: { worker: undefined } }).schedulableControlPlanes).toBe(true);
    expect(planOf({ nodePools: { worker: { count: 0 } } }).schedulableControlPlanes).toBe(true);
    expect(planOf().schedulableControlPlanes).toBe(false);
  });

  test('1000 workers are allowed', () => {
    const plan = planOf({
      network: { podCidr: '10.240.0.0/14' },
      nodePools: { worker: { count: 1000, firstAddress: '10.0.10.1' } },
    });
    expect(plan.nodes.at(-1)).toMatchObject({ name: 'worker999', vmId: 2999 });
    expect(plan.nodes.at(-1)?.address.toString()).toBe('10.0.13.232');
  });
});

describe('T-2 what is derived from the spec', () => {
  test.each([
    ['infrastructure', 'infrastructure', './platform/rendered/infrastructure', 'groundwork-infrastructure'],
    ['lab', 'infrastructure-lab', './platform/rendered/lab', 'groundwork-lab'],
  ])('cluster %s has the stack %s, the folder %s and the tag %s', (name, stack, path, tag) => {
    const plan = planOf({ name });
    expect([plan.stack, plan.flux.path, plan.proxmox.tag]).toEqual([stack, path, tag]);
  });

  test('an endpoint may come without its final slash', () => {
    expect(planOf({ proxmox: { endpoint: 'https://atlas:8006' } }).proxmox.endpoint).toBe('https://atlas:8006/');
  });

  test('a factory of one own may end in a slash', () => {
    expect(planOf({ images: { factory: 'https://factory.example.org/' } }).images.factory).toBe(
      'https://factory.example.org',
    );
  });

  test.each([
    'https://x:secret@github.com/a/b',
    'https://ghp_secret@github.com/a/b',
    'ssh://git:secret@github.com/a/b',
  ])('a repository with credentials is refused, and they are not repeated', (repository) => {
    const { issues } = loadCluster(validSpec({ flux: { repository } }));
    const host = repository.replace(/\/\/.*@/, '//...@');
    expect(issues.map(({ message }) => message)).toEqual([
      `repository "${host}" holds credentials, which would stand in the plan for all to read; they are given at deploy`,
    ]);
  });

  test('the user of an ssh URL is no credential', () => {
    const knownHosts = ['github.com ssh-ed25519 AAAA'];
    expect(planOf({ flux: { repository: 'ssh://git@github.com/a/b', knownHosts } }).flux).toMatchObject({
      repository: 'ssh://git@github.com/a/b',
      access: 'deploy-key',
    });
  });
});

describe('properties of a plan', () => {
  const sizes = fc.record({
    controlPlanes: fc.constantFrom(1, 3, 5, 7),
    workers: fc.integer({ min: 0, max: 200 }),
    hosts: fc.integer({ min: 1, max: 9 }).map((count) => Array.from({ length: count }, (_, index) => `host${index}`)),
  });
  const plan = ({
    controlPlanes,
    workers,
    hosts,
  }: {
    controlPlanes: number;
    workers: number;
    hosts: string[];
  }): ClusterPlan =>
    unchecked({
      proxmox: { hosts },
      nodePools: { controlplane: { count: controlPlanes }, worker: { count: workers } },
      vip: { address: '10.0.200.1' },
      loadBalancerPools: { services: undefined },
    });

  test('no name, address or VM id is given twice, and the same spec gives an equal plan', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const made = plan(size);
        const count = size.controlPlanes + size.workers;
        expect(new Set(made.nodes.map(({ name }) => name)).size).toBe(count);
        expect(new Set(made.nodes.map(({ address }) => address.value)).size).toBe(count);
        expect(new Set(made.nodes.map(({ vmId }) => vmId)).size).toBe(count);
        expect(plan(size)).toEqual(made);
      }),
      { numRuns: 50 },
    );
  });

  test('with hosts enough no two control planes share one', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const hosts = plan(size)
          .nodes.filter(({ role }) => role === 'controlplane')
          .map(({ host }) => host);
        expect(new Set(hosts).size).toBe(Math.min(size.controlPlanes, size.hosts.length));
      }),
      { numRuns: 50 },
    );
  });

  test('growing a pool changes no node that was there', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20 }), (size, more) => {
        const { nodes } = plan(size);
        const grown = plan({ ...size, workers: size.workers + more }).nodes;
        expect(grown.slice(0, nodes.length)).toEqual(nodes);
      }),
      { numRuns: 50 },
    );
  });
});

describe('O-8 a plan without the Internet', () => {
  const airGap = {
    factory: 'https://factory.example.org/',
    registry: 'https://mirror.example.org',
    charts: 'https://charts.example.org/all/',
    git: 'https://git.example.org',
    timeServers: ['10.0.0.1'],
  };

  test('takes all of it from the one setting', () => {
    const plan = planOf({ airGap });
    expect(plan.images.factory).toBe('https://factory.example.org');
    expect(plan.network.timeServers).toEqual(['10.0.0.1']);
    expect(plan.airGap).toEqual({ charts: 'https://charts.example.org/all', git: 'https://git.example.org' });
    expect(Object.keys(plan.talos.registryMirrors)).toEqual([
      'docker.gitea.com',
      'docker.io',
      'factory.talos.dev',
      'ghcr.io',
      'oci.element.io',
      'quay.io',
      'registry.k8s.io',
    ]);
    expect(plan.talos.registryMirrors['docker.io']).toEqual({
      endpoints: ['https://mirror.example.org/v2/docker.io'],
      skipFallback: true,
      overridePath: true,
    });
  });

  test('a field of its own wins', () => {
    const plan = planOf({
      airGap,
      images: { factory: 'https://other.example.org' },
      network: { timeServers: ['ntp.example.org'] },
      talos: { registryMirrors: { 'docker.io': { endpoints: ['https://docker.example.org'] } } },
    });
    expect(plan.images.factory).toBe('https://other.example.org');
    expect(plan.network.timeServers).toEqual(['ntp.example.org']);
    expect(plan.talos.registryMirrors['docker.io']).toEqual({
      endpoints: ['https://docker.example.org'],
      skipFallback: false,
      overridePath: false,
    });
  });

  test('with the Internet nothing of it is there', () => {
    const plan = planOf();
    expect(plan).not.toHaveProperty('airGap');
    expect(plan.images.factory).toBe('https://factory.talos.dev');
    expect(plan.network.timeServers).toEqual(['time.cloudflare.com']);
    expect(plan.talos.registryMirrors).toEqual({});
  });
});
