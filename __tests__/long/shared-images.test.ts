import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSettled, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { controlPlanesOn, workersOn } from '../rehearsal/pools';

const LIMIT_MS = 15 * 60_000;
const IMAGE = 'talos-1.13.9-f683308f6e49-amd64-nocloud-infrastructure.qcow2';

/**
 * Two hosts that share the storage of images, which come from a factory of one's own. Beside them what else a deploy has to
 * prove: choices of Talos that a machine takes, and all that Flux is given.
 */
const SPEC: ClusterSpec = {
  ...infrastructure,
  images: { mode: 'shared', factory: 'https://factory.home.example' },
  talos: {
    sysctls: { 'vm.max_map_count': '262144' },
    kernelModules: { nbd: ['nbds_max=16'] },
    registryMirrors: { 'docker.io': { endpoints: ['https://mirror.home.example'] } },
    diskEncryption: 'node-id',
    patches: [
      { machine: { kubelet: { extraArgs: { 'max-pods': '200' } } } },
      { apiVersion: 'v1alpha1', kind: 'WatchdogTimerConfig', device: '/dev/watchdog0', timeout: '2m' },
    ],
  },
  flux: { ...infrastructure.flux, access: 'token', sops: true, sealedSecretsKey: true },
  proxmox: {
    ...infrastructure.proxmox,
    hosts: ['atlas', 'hyperion'],
    imageStorage: 'nfs',
    sharedStorages: ['nfs'],
  },
  nodePools: {
    controlplane: controlPlanesOn('atlas'),
    worker: workersOn('hyperion', 'atlas'),
  },
};

interface Volume {
  readonly volid: string;
}
interface Nodes {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly addresses: readonly { readonly type: string; readonly address: string }[] };
  }[];
}

interface SecretData {
  readonly type: string;
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}
interface Spec<Fields> {
  readonly spec: Fields;
}

const KUBE_VIP_ROLE = '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles/kube-vip';

describe('one image for all nodes, on a storage that two hosts share', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'T-8 nodes have their addresses by cloud-init, and a second plan is empty',
    async () => {
      await expectSettled(session);

      const images = await session.proxmox<readonly Volume[]>('/nodes/hyperion/storage/nfs/content');
      expect(images.map(({ volid }) => volid)).toEqual([`nfs:import/${IMAGE}`]);
      const config = await session.proxmox<Record<string, string>>('/nodes/hyperion/qemu/2000/config');
      expect(config['ipconfig0']).toBe('gw=10.0.0.1,ip=10.0.2.1/16');
      const { items } = await session.kubernetes<Nodes>('/api/v1/nodes');
      const addresses = items.map(({ metadata, status: { addresses: own } }) => [
        metadata.name,
        own.find(({ type }) => type === 'InternalIP')?.address,
      ]);
      expect(addresses).toEqual([
        ['controlplane0', '10.0.1.1'],
        ['worker0', '10.0.2.1'],
        ['worker1', '10.0.2.2'],
      ]);
    },
    LIMIT_MS,
  );

  test(
    'T-16 Flux has its token, age key and key pair, and follows the repository with them',
    async () => {
      const secret = async (namespace: string, name: string): Promise<SecretData> =>
        session.kubernetes<SecretData>(`/api/v1/namespaces/${namespace}/secrets/${name}`);
      const clear = ({ data }: SecretData): unknown =>
        Object.fromEntries(
          Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
        );
      expect(clear(await secret('flux-system', 'flux-system'))).toEqual({
        username: 'git',
        password: 'rehearsal-flux_token',
      });
      expect(clear(await secret('flux-system', 'sops-age'))).toEqual({ 'age.agekey': 'rehearsal-flux_age_key' });
      const pair = await secret('sealed-secrets', 'sealed-secrets-key-of-terraform');
      expect(pair.type).toBe('kubernetes.io/tls');
      expect(pair.metadata.labels).toEqual({ 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' });
      expect(clear(pair)).toEqual({
        'tls.crt': 'rehearsal-flux_sealing_certificate',
        'tls.key': 'rehearsal-flux_sealing_key',
      });
      const flux = (group: string, plural: string): Promise<Spec<unknown>> =>
        session.kubernetes(`/apis/${group}/v1/namespaces/flux-system/${plural}/flux-system`);
      expect((await flux('source.toolkit.fluxcd.io', 'gitrepositories')).spec).toMatchObject({
        url: 'https://github.com/example-org/groundwork',
        secretRef: { name: 'flux-system' },
      });
      expect((await flux('kustomize.toolkit.fluxcd.io', 'kustomizations')).spec).toMatchObject({
        decryption: { provider: 'sops', secretRef: { name: 'sops-age' } },
      });
    },
    LIMIT_MS,
  );

  test(
    'T-12b groundwork sync-manifests makes a changed object of kube-vip the planned one',
    async () => {
      const check = async (): Promise<unknown> => {
        const { status, stdout } = await session.groundwork('sync-manifests', '--check');
        return [status, stdout.split('\n').filter((line) => !line.endsWith(': as planned') && line !== '')];
      };
      expect(await check()).toEqual([0, []]);
      const change = ['patch', 'role', 'kube-vip', '--type=json', '-p', '[{"op":"remove","path":"/rules/0"}]'];
      const patched = await session.run(['kubectl', '-n', 'kube-system', ...change]);
      expect(patched.status === 0 ? '' : patched.stderr).toBe('');
      expect(await check()).toEqual([
        1,
        ['Role kube-system/kube-vip: is not as planned', expect.stringMatching(/^ {2}rules is /) as string],
      ]);
      expect((await session.groundwork('sync-manifests')).stdout).toContain('Role kube-system/kube-vip: changed\n');
      expect(await check()).toEqual([0, []]);
      const { rules } = await session.kubernetes<{ readonly rules: readonly unknown[] }>(KUBE_VIP_ROLE);
      expect(rules).toHaveLength(2);
    },
    LIMIT_MS,
  );

  test(
    'T-14 is destroyed without a trace',
    async () => {
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
