import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSettled, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 15 * 60_000;
const PUBLIC =
  /talos\.dev|cilium\.io|github|ghcr\.io|registry\.k8s\.io|docker\.io|quay\.io|cloudflare|1\.1\.1\.1|8\.8\.8\.8/;

/** One setting for all that is fetched, and the three that lead people and not packages. */
const SPEC: ClusterSpec = {
  ...infrastructure,
  network: { ...infrastructure.network, nameServers: ['10.0.0.1'] },
  talos: { discoveryService: 'https://discovery.home.example' },
  flux: { repository: 'https://git.home.example/example-org/groundwork' },
  airGap: {
    factory: 'https://factory.home.example',
    registry: 'https://mirror.home.example',
    charts: 'https://charts.home.example/all',
    git: 'https://git.home.example',
    timeServers: ['10.0.0.1'],
  },
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1' },
  },
};

interface Row {
  readonly kind: string;
  readonly from: string;
}

/** The lab resolves the names that a deploy is told, and leads nowhere else: what is asked of another host fails. */
describe('O-8 a cluster without the Internet', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'is deployed where no public host has a name, with all charts from one repository, and a second plan is empty',
    async () => {
      const { stdout } = await session.run(['cat', '/etc/hosts']);
      const names = stdout.split('\n').flatMap((line) => line.split(/\s+/).slice(1));
      expect(names).toEqual(
        expect.arrayContaining(['factory.home.example', 'charts.home.example', 'discovery.home.example']),
      );
      expect(names.filter((name) => PUBLIC.test(name))).toEqual([]);
      await expectSettled(session);
    },
    LIMIT_MS,
  );

  test(
    'groundwork airgap names no public host but that of the providers',
    async () => {
      const { status, stdout } = await session.groundwork('airgap', '--json');
      expect(status).toBe(0);
      const { fetched } = JSON.parse(stdout) as { readonly fetched: readonly Row[] };
      const host = (from: string): string => from.replace(/^[a-z]+:\/\//, '').split('/')[0] ?? '';
      expect(fetched.filter(({ kind, from }) => kind !== 'provider' && PUBLIC.test(host(from)))).toEqual([]);
      expect([...new Set(fetched.filter(({ kind }) => kind === 'chart').map(({ from }) => from))]).toEqual([
        'https://charts.home.example/all',
      ]);
    },
    LIMIT_MS,
  );
});
