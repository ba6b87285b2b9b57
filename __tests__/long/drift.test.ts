import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 10 * 60_000;
const VM = 'proxmox_virtual_environment_vm.controlplane0_vm';
const CONFIG = '/nodes/atlas/qemu/1500/config';
const OWN_TAGS = 'controlplane;groundwork-infrastructure';

const SPEC: ClusterSpec = {
  ...infrastructure,
  nodePools: { controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' } },
};

describe('a cluster whose VM somebody has changed in Proxmox', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  const put = (fields: Readonly<Record<string, string>>): Promise<void> =>
    session.act('infrastructure', 'proxmox', 'PUT', CONFIG, JSON.stringify(fields));

  test(
    'O-6 preflight knows its own VM, and finds nothing that stands against another deploy',
    async () => {
      const { status, stdout } = await session.groundwork('preflight');
      expect(stdout).toContain("PASS  vm-ids         1500 of talos-controlplane0 is this cluster's already\n");
      expect(stdout).not.toContain('FAIL');
      expect(status).toBe(0);
    },
    LIMIT_MS,
  );

  test(
    'O-7 drift says nothing after a deploy, names what was changed, and says nothing after the next deploy',
    async () => {
      expect(await session.groundwork('drift')).toMatchObject({ status: 0, stdout: '' });
      await put({ description: 'changed by hand', onboot: '0' });
      expect(await session.groundwork('drift')).toMatchObject({
        status: 1,
        stdout: `changed  ${VM}
         description: Talos controlplane controlplane0, made by Terraform, now changed by hand
         on_boot: true, now false
`,
      });
      expectSuccess(await session.deploy());
      expect(await session.groundwork('drift')).toMatchObject({ status: 0, stdout: '' });
    },
    LIMIT_MS,
  );

  test(
    'T-10 O-7 import adopts the VM that Terraform has lost, and none without the tag',
    async () => {
      expect(await session.terraform('state', 'rm', VM)).toMatchObject({ status: 0 });
      await put({ tags: 'somebody' });
      const refused = await session.groundwork('import');
      expect(refused).toMatchObject({ status: 1 });
      expect(refused.stdout).toContain(
        `refuse  ${VM}: VM 1500 (talos-controlplane0) on atlas has not tag groundwork-infrastructure: it is not this cluster's\n`,
      );
      expect((await session.terraform('state', 'list')).stdout).not.toContain(VM);

      await put({ tags: OWN_TAGS });
      const looked = await session.groundwork('import', '--dry-run');
      expect(looked.stdout).toBe(
        `adopt   ${VM}: VM 1500 (talos-controlplane0) on atlas has tag groundwork-infrastructure\n`,
      );
      expect(looked.status).toBe(0);
      expect(await session.groundwork('import')).toMatchObject({ status: 0 });
      const { changes } = await session.plan();
      // What Proxmox does not know of a VM, as how to destroy it, is written into the state
      expect(changes).toEqual([{ address: VM, actions: 'update' }]);
      await expectDeployed(session);
    },
    LIMIT_MS,
  );
});
