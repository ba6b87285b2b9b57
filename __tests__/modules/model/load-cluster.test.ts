import fc from 'fast-check';
import { formatIssues } from '../../../modules/model/issue';
import { loadCluster } from '../../../modules/model/load-cluster';
import { validSpec } from '../../fixtures/valid-spec';

const found = (spec: unknown): string[] => loadCluster(spec).issues.map(({ code, path }) => `${code} ${path}`);

describe('T-3 loading a cluster', () => {
  test('finds everything that is wrong with the fields at once, errors first, by path', () => {
    const spec = validSpec({
      network: { gateway: 5, cidr: '10.0.0.0' },
      flux: { repository: 'ftp://example.org/groundwork' },
      nodePools: { worker: { count: -1, sise: {} } },
      extra: true,
    });
    expect(formatIssues(loadCluster(spec).issues)).toBe(`error unknown-field at extra
  field "extra" is not known here; known are name, network, vip, loadBalancerPools, announcements, nodePools, proxmox, images, talos, cilium, tailscale, flux, platform, airGap, state, versions
  fix: remove it

error invalid-url at flux.repository
  repository "ftp://example.org/groundwork" begins with "ftp:"; use https: or ssh:
  fix: write it as, for example, 'https://github.com/example-org/groundwork'

error invalid-network at network.cidr
  network "10.0.0.0" is not <address>/<prefix length>; write it as 10.0.0.0/16
  fix: write it as, for example, '10.0.0.0/16'

error wrong-type at network.gateway
  is 5; a text is needed
  fix: write it as, for example, '10.0.0.1'

error out-of-range at nodePools.worker.count
  is -1; 0 is the least
  fix: write 0 or more

error unknown-field at nodePools.worker.sise
  field "sise" is not known here; known are role, count, firstAddress, lastAddress, firstVmId, size, labels, taints, disks, network, networkCards, pciDevices, architecture, patches, startOrder, highAvailability, protection, nodes
  fix: did you mean "size"?

6 errors, 0 warnings`);
  });

  test('finds everything that is wrong with the plan at once, in spite of an unknown field', () => {
    const spec = validSpec({
      nodePools: { controlplane: { count: 4, colour: 'red' }, worker: { firstAddress: '10.0.1.4', firstVmId: 1503 } },
      vip: { address: '10.0.3.20' },
      talos: { contract: '1.20' },
    });
    expect(found(spec)).toEqual([
      'unknown-field nodePools.controlplane.colour',
      'duplicate-address nodePools.worker.firstAddress',
      'duplicate-vm-id nodePools.worker.firstVmId',
      'contract-too-new talos.contract',
      'vip-in-pool vip.address',
      'even-control-planes nodePools.controlplane.count',
    ]);
  });

  test.each([
    ['no text', 'cluster', 'error wrong-type at the spec\n  is the text "cluster"; an object of fields is needed'],
    ['null', null, 'error wrong-type at the spec\n  is null; an object of fields is needed'],
    ['nothing', undefined, 'error missing-field at the spec\n  is missing; an object of fields is needed'],
    ['a list', [], 'error wrong-type at the spec\n  is a list; an object of fields is needed'],
  ])('a spec is not %s', (_, spec, printed) => {
    expect(formatIssues(loadCluster(spec).issues)).toContain(printed);
  });

  test('nothing is thrown, whatever a person writes', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(loadCluster(input).plan).toBeUndefined();
      }),
    );
  });

  const address = fc.oneof(fc.ipV4(), fc.constantFrom('10.0.3.1', '223.255.255.255', '0.0.0.0', '10.0.0.1', 'x'));
  const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 33 })).map(([host, prefix]) => `${host}/${prefix}`);
  const network = fc.oneof(cidr, fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '255.255.255.255/32', '10.0.0.0/29'));
  const changes = fc.record(
    {
      network: fc.record({ cidr: network, gateway: address, podCidr: network }, { requiredKeys: [] }),
      vip: fc.record({ address, provider: fc.constantFrom('talos', 'kube-vip', 7) }, { requiredKeys: [] }),
      nodePools: fc.dictionary(
        fc.constantFrom('controlplane', 'worker', 'worker1', 'Gpu', 'a-'),
        fc.record(
          {
            role: fc.constantFrom('controlplane', 'worker', 'gpu'),
            count: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1, max: 12 }) }, fc.constantFrom(1000, 1001)),
            firstAddress: address,
            lastAddress: address,
            firstVmId: fc.integer(),
            size: fc.constantFrom({}, { cores: 1 }, { cores: '4' }, []),
          },
          { requiredKeys: [] },
        ),
      ),
      proxmox: fc.record(
        { endpoint: fc.oneof(fc.webUrl(), fc.string()), hosts: fc.array(fc.string()) },
        { requiredKeys: [] },
      ),
      [`unknown`]: fc.anything(),
    },
    { requiredKeys: [] },
  );

  test('nothing is thrown by nearly right specs: there is a plan, or an error with its fix', () => {
    fc.assert(
      fc.property(changes, (change) => {
        const { plan, issues } = loadCluster(validSpec(change));
        const errors = issues.filter(({ severity }) => severity === 'error');
        expect(plan === undefined).toBe(errors.length > 0);
        expect(issues.every(({ message, fix, path }) => message !== '' && fix !== '' && path !== '')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
