import { infrastructure } from '../../clusters/infrastructure';
import { PLACES } from '../../lab/world/places';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSettled, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 15 * 60_000;
const SPEC: ClusterSpec = {
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 3, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1' },
  },
};
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const BACKUPS = `${PLACES.temporary}/backups`;
const IMPORTED = `${PLACES.temporary}/imported`;

interface Taken {
  readonly member: string;
  readonly target: string;
  readonly revision: number;
  readonly secrets: string;
}

/** One cluster: each test begins where the one before it has ended. */
describe('etcd is kept and brought back', () => {
  let session: LabSession;
  let taken: Taken;

  const shell = async (line: string): Promise<string> => {
    const { status, stdout, stderr } = await session.run(['sh', '-c', line]);
    expect(status === 0 ? '' : stderr.slice(-4000)).toBe('');
    return stdout;
  };
  const write = (name: string): Promise<void> =>
    session.act('infrastructure', 'kubernetes', 'POST', CONFIG_MAPS, JSON.stringify({ metadata: { name } }));
  const written = async (): Promise<readonly string[]> => {
    const { items } = await session.kubernetes<{ readonly items: readonly { metadata: { name: string } }[] }>(
      CONFIG_MAPS,
    );
    return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
  };
  const restored = async (...args: readonly string[]): Promise<string> => {
    const result = await session.groundwork('etcd', 'restore', taken.target, ...args);
    expectSuccess(result);
    expect(result.stdout).toBe('next: npx groundwork roll --hardware worker0\nnext: npx cdktf deploy infrastructure\n');
    return result.stderr;
  };

  beforeAll(async () => {
    session = await LabSession.start(SPEC);
    expectSuccess(await session.deploy());
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'O-3 a snapshot of a running cluster, and the machine secrets beside it, which the Talos provider takes',
    async () => {
      await write('before');
      const { status, stdout, stderr } = await session.groundwork(
        ...['etcd', 'snapshot', `${BACKUPS}/`, '--with-secrets', '--json'],
      );
      expect(status === 0 ? '' : stderr).toBe('');
      taken = JSON.parse(stdout) as Taken;
      expect(taken.member).toMatch(/^controlplane[012]$/);
      expect(taken.revision).toBeGreaterThan(100);
      expect((await shell(`stat -c %a ${BACKUPS}/*`)).split('\n')).toEqual(['600', '600', '']);
      await write('after');
      expect(await written()).toEqual(['after', 'before']);

      const source = JSON.parse(
        (await session.run(['cat', `${PLACES.output}/stacks/infrastructure/cdk.tf.json`])).stdout,
      ) as { readonly terraform: { readonly required_providers: { readonly talos: object } } };
      const root = {
        terraform: { required_providers: { talos: source.terraform.required_providers.talos } },
        resource: { talos_machine_secrets: { imported: {} } },
      };
      await shell(`mkdir ${IMPORTED} && cat > ${IMPORTED}/main.tf.json <<'JSON'\n${JSON.stringify(root)}\nJSON`);
      const terraform = `"\${TERRAFORM_BINARY_NAME:-terraform}" -chdir=${IMPORTED}`;
      await shell(`${terraform} init -input=false`);
      await shell(`${terraform} import -input=false talos_machine_secrets.imported ${taken.secrets}`);
      const secretsOf = (state: string): unknown => {
        const { resources } = JSON.parse(state) as {
          readonly resources: readonly {
            readonly type: string;
            readonly instances: readonly { readonly attributes: { readonly machine_secrets: unknown } }[];
          }[];
        };
        return resources.find(({ type }) => type === 'talos_machine_secrets')?.instances[0]?.attributes.machine_secrets;
      };
      const own = secretsOf((await session.terraform('state', 'pull')).stdout);
      expect(own).toBeDefined();
      // Not toEqual: a difference would be printed.
      expect(JSON.stringify(secretsOf(await shell(`${terraform} state pull`))) === JSON.stringify(own)).toBe(true);
    },
    LIMIT_MS,
  );

  test(
    'O-3 a restore over an etcd that has its quorum is refused',
    async () => {
      const { status, stderr } = await session.groundwork('etcd', 'restore', taken.target);
      expect([status, stderr.split('\n')[1]]).toEqual([
        1,
        'error: etcd of infrastructure has its quorum: controlplane0, controlplane1, controlplane2 healthy; nothing is restored over that; mend it, or add --force to wipe it: what was written since the snapshot is lost',
      ]);
      expect(await written()).toEqual(['after', 'before']);
    },
    LIMIT_MS,
  );

  test(
    'O-3 all control-plane VMs are lost: they are made anew by the command that the restore names, and etcd comes back',
    async () => {
      for (const vmid of [1500, 1501, 1502]) {
        await session.act('infrastructure', 'proxmox', 'POST', `/nodes/atlas/qemu/${vmid}/status/stop`);
        await session.act('infrastructure', 'proxmox', 'DELETE', `/nodes/atlas/qemu/${vmid}`);
      }
      const refused = await session.groundwork('etcd', 'restore', taken.target, '--timeout', '5');
      expect(refused.status).toBe(1);
      const [, command = ''] = /make them anew, then restore: terraform (.*)/.exec(refused.stderr) ?? [];
      expect(command).toBe(
        [
          `-chdir=${PLACES.output}/stacks/infrastructure apply`,
          ...[0, 1, 2].map((index) => `-replace=proxmox_virtual_environment_vm.controlplane${index}_vm`),
          ...[0, 1, 2].map((index) => `-replace=talos_machine_configuration_apply.controlplane${index}_applied`),
          ...[0, 1, 2].map((index) => `-target=talos_machine_configuration_apply.controlplane${index}_applied`),
        ].join(' '),
      );
      const [, ...words] = command.split(' ');
      const applied = await session.terraform(...words, '-auto-approve', '-input=false', '-no-color');
      expectSuccess(applied);

      expect(await restored()).toContain(
        'controlplane0 begins etcd anew; the others join\netcd has 3 members, all healthy\nthe Kubernetes API is ready\n',
      );
      expect(await written()).toEqual(['before']);
      expectSuccess(await session.deploy());
      await expectSettled(session);
    },
    LIMIT_MS,
  );

  test(
    'O-3 a running cluster goes back to a snapshot with --force, its VMs as they are',
    async () => {
      await write('mistake');
      expect(await restored('--force')).toContain('controlplane0, controlplane1, controlplane2: data are wiped\n');
      expect(await written()).toEqual(['before']);
      await expectSettled(session);
    },
    LIMIT_MS,
  );
});
