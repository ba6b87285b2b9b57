import { gzipSync } from 'node:zlib';
import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { controlPlanesOn, workersOn } from '../rehearsal/pools';

const LIMIT_MS = 15 * 60_000;

/** All that a deploy can leave behind: images on a storage of both hosts, high availability, every key of Flux. */
const spec = (workerHost: string): ClusterSpec => ({
  ...infrastructure,
  flux: { ...infrastructure.flux, access: 'token', sops: true, sealedSecretsKey: true },
  proxmox: {
    ...infrastructure.proxmox,
    hosts: ['atlas', 'hyperion'],
    ...{ imageStorage: 'nfs', diskStorage: 'ceph', sharedStorages: ['ceph', 'nfs'] },
  },
  nodePools: {
    controlplane: controlPlanesOn('atlas'),
    worker: { ...workersOn(workerHost), highAvailability: true },
  },
});

/** What Terraform would make a second time, and is refused. */
const MADE = [
  'proxmox_haresource.worker0_vm_highavailability',
  'proxmox_harule.worker0_vm_highavailability_rule',
  'talos_machine_bootstrap.bootstrap_etcd',
  'kubernetes_namespace.flux_namespace',
  'kubernetes_namespace.flux_access_sealed',
  'kubernetes_secret.flux_access_git',
  'kubernetes_secret.flux_access_age',
  'kubernetes_secret.flux_access_sealingkey',
  'helm_release.cilium',
  'helm_release.flux_controllers',
];
const WORKER = [
  'proxmox_download_file.worker0_image_file',
  'proxmox_virtual_environment_vm.worker0_vm',
  'talos_machine_configuration_apply.worker0_applied',
  'terraform_data.worker0_vm_identity',
];
const RECORDS = '/api/v1/secrets?labelSelector=owner%3Dhelm';
const STRANGERS = '/api/v1/namespaces/somebody-elses';
const THEIRS = {
  name: 'theirs',
  version: 1,
  chart: { metadata: { name: 'theirs', version: '1.0.0' } },
  info: { status: 'deployed' },
};
const PACKED = gzipSync(JSON.stringify(THEIRS)).toString('base64');
const STRANGE_RECORD = {
  type: 'helm.sh/release.v1',
  metadata: {
    name: 'sh.helm.release.v1.theirs.v1',
    labels: { owner: 'helm', name: 'theirs', status: 'deployed', version: '1' },
  },
  data: { release: Buffer.from(PACKED).toString('base64') },
};

interface Named {
  readonly metadata: { readonly name: string; readonly uid: string };
}
interface Identity {
  readonly smbios1: string;
}

describe('what a deploy that was cut off has left behind', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(spec('hyperion'));
    session.writeSpec(spec('atlas'));
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const forget = async (addresses: readonly string[]): Promise<void> => {
    const { status, stderr } = await session.terraform('state', 'rm', ...addresses);
    expect(status === 0 ? '' : stderr).toBe('');
  };
  const recover = async (...flags: readonly string[]): Promise<unknown> => {
    const { status, stdout, stderr } = await session.groundwork('recover', ...flags);
    return { status, said: stdout.trim().split('\n'), end: stderr.trim().split('\n').at(-1) };
  };
  const theirs = async (): Promise<unknown> => {
    const { items } = await session.kubernetes<{ readonly items: readonly Named[] }>(RECORDS);
    return {
      machines: (await session.inventory()).filter((name) => name.startsWith('somebody')),
      namespace: (await session.kubernetes<Named>(STRANGERS)).metadata.name,
      records: items.map(({ metadata }) => metadata.name).filter((name) => name.includes('theirs')),
    };
  };
  const UNTOUCHED = {
    machines: ['somebody-elses'],
    namespace: 'somebody-elses',
    records: ['sh.helm.release.v1.theirs.v1'],
  };
  const volumes = async (): Promise<readonly string[]> =>
    (await session.inventory()).filter((name) => name.includes(':'));
  const identity = async (host: string): Promise<string> =>
    (await session.proxmox<Identity>(`/nodes/${host}/qemu/2000/config`)).smbios1;

  test(
    'a VM whose disk was on its way: the next deploy goes on with it',
    async () => {
      const made = 'proxmox_virtual_environment_vm.worker0_vm';
      expect(await session.missingResources()).toContain(made);
      expect(await session.killDeploy(made, 300)).toBe('killed');
      // On a fast computer the VM was made, and Proxmox has been told to keep it available.
      expectSuccess(await session.groundwork('recover'));
      await expectDeployed(session);
      expect((await volumes()).map((name) => name.replace(/-[0-9a-f]{12}-/, '-'))).toEqual([
        ...['ceph:vm-1500-disk-0', 'ceph:vm-1500-disk-1', 'ceph:vm-2000-disk-0', 'ceph:vm-2000-disk-1'],
        ...['nfs:import/talos-1.13.9-amd64.qcow2', 'nfs:import/talos-1.13.9-amd64.qcow2'],
      ]);
    },
    LIMIT_MS,
  );

  test(
    'what cannot be made twice is taken over, records of Helm are removed, and what is of others is left alone',
    async () => {
      const vm = { vmid: '9000', name: 'somebody-elses' };
      await session.act('infrastructure', 'proxmox', 'POST', '/nodes/atlas/qemu', JSON.stringify(vm));
      const post = async (path: string, body: object): Promise<void> =>
        session.act('infrastructure', 'kubernetes', 'POST', path, JSON.stringify(body));
      await post('/api/v1/namespaces', { metadata: { name: 'somebody-elses' } });
      await post(`${STRANGERS}/secrets`, STRANGE_RECORD);
      const before = await session.kubernetes<Named>('/api/v1/namespaces/flux-system');

      await forget(MADE);
      const found = [
        'taken over: Proxmox keeps vm:2000 available',
        'taken over: Proxmox keeps groundwork-infrastructure-worker0 available',
        'taken over: etcd of controlplane0 was bootstrapped, and must not be a second time',
        'taken over: namespace sealed-secrets is there',
        'taken over: namespace flux-system is there',
        'taken over: secret flux-system/sops-age is there',
        'taken over: secret flux-system/flux-system is there',
        'taken over: secret sealed-secrets/sealed-secrets-key-of-terraform is there',
        'record removed: release flux2 (revision 1) is deployed, and the state does not know it',
        'record removed: release cilium (revision 1) is deployed, and the state does not know it',
      ];
      const next = 'next: npx cdktf deploy infrastructure';
      expect(await recover('--dry-run')).toEqual({
        status: 1,
        said: found,
        end: `infrastructure: 10 in the way; ${next}`,
      });
      expect(await recover()).toEqual({
        status: 0,
        said: found,
        end: `infrastructure: 10 in the way, cleared; ${next}`,
      });
      expect(await recover()).toEqual({ status: 0, said: [''], end: `infrastructure: nothing is in the way; ${next}` });
      await expectDeployed(session);
      expect((await session.kubernetes<Named>('/api/v1/namespaces/flux-system')).metadata.uid).toBe(
        before.metadata.uid,
      );
      expect(await theirs()).toEqual(UNTOUCHED);
    },
    LIMIT_MS,
  );

  test(
    'a release whose upgrade was cut off is what it was before',
    async () => {
      await session.act('infrastructure', 'fail-release', 'kube-system', 'cilium', 'pending-upgrade');
      expect(await recover()).toEqual({
        status: 0,
        said: ['record removed: release cilium (revision 2) was cut off in pending-upgrade'],
        end: 'infrastructure: 1 in the way, cleared; next: npx cdktf deploy infrastructure',
      });
      await expectDeployed(session);
    },
    LIMIT_MS,
  );

  test(
    'T-10 a VM and an image that the state does not know are no obstacle: one is taken over, the other loaded again',
    async () => {
      const [disks, machine] = [await volumes(), await identity('atlas')];
      await forget(WORKER);
      expect(await recover()).toMatchObject({ status: 0, said: [''] });
      await expectDeployed(session);
      expect(await volumes()).toEqual(disks);
      expect(await identity('atlas')).toBe(machine);
    },
    LIMIT_MS,
  );

  test(
    'T-7 T-9b a node moves, and its image stays where it is on the storage that both hosts see',
    async () => {
      const [disks, machine] = [await volumes(), await identity('atlas')];
      session.writeSpec(spec('hyperion'));
      expect((await session.plan()).changes).toEqual([
        { address: 'proxmox_harule.worker0_vm_highavailability_rule', actions: 'update' },
        { address: 'proxmox_virtual_environment_vm.worker0_vm', actions: 'update' },
      ]);
      await expectDeployed(session);
      expect(await volumes()).toEqual(disks);
      expect(await identity('hyperion')).toBe(machine);
    },
    LIMIT_MS,
  );

  test(
    'T-14 teardown readies a living cluster: Flux is suspended, and destroy leaves nothing but what is of others',
    async () => {
      const { status, stderr } = await session.groundwork('teardown');
      expect([status, stderr.trim().split('\n').slice(-2)]).toEqual([
        0,
        ['Flux is suspended', 'next: npx cdktf destroy infrastructure'],
      ]);
      const sync = '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/flux-system';
      expect(await session.kubernetes(sync)).toMatchObject({ spec: { suspend: true } });
      expect(await session.destroy()).toEqual(['somebody-elses']);
    },
    LIMIT_MS,
  );
});
