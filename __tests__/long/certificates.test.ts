import { infrastructure } from '../../clusters/infrastructure';
import { PLACES } from '../../lab/world/places';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectSettled, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';

const LIMIT_MS = 15 * 60_000;
const DAY_SECONDS = 86_400;
const SPEC: ClusterSpec = {
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1' },
  },
};

describe('certificates near their end', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  /** Whether the administrator's certificates in the files last so many days, in the files that are written now. */
  const last = async (days: number): Promise<readonly boolean[]> => {
    const { status, stderr } = await session.groundwork('credentials', '--output', PLACES.temporary);
    expect(status === 0 ? '' : stderr).toBe('');
    const lasts = async (file: string, field: string): Promise<boolean> => {
      const line = `sed -n 's/^ *${field}: //p' ${PLACES.temporary}/${file} | base64 -d | openssl x509 -noout -checkend ${days * DAY_SECONDS}`;
      return (await session.run(['sh', '-c', line])).status === 0;
    };
    return [await lasts('kubeconfig', 'client-certificate-data'), await lasts('talosconfig', 'crt')];
  };
  const boots = async (): Promise<readonly string[]> =>
    (
      await session.kubernetes<{
        readonly items: readonly { readonly status: { readonly nodeInfo: { readonly bootID: string } } }[];
      }>('/api/v1/nodes')
    ).items.map(({ status }) => status.nodeInfo.bootID);

  test(
    'O-2 the administrator’s certificates are renewed by a command, in their last days and after, no deploy fails before, and no node restarts',
    async () => {
      expectSuccess(await session.deploy());
      expect(await last(300)).toEqual([true, true]);
      const before = await boots();

      await session.act('infrastructure', 'age-certificates', '10');
      // A deploy goes on as ever, and makes a new talosconfig.
      expect((await session.plan()).changes).toEqual([
        { address: 'null_resource.ready_wait', actions: 'delete create' },
        { address: 'talos_machine_configuration_apply.controlplane0_applied', actions: 'update' },
        { address: 'talos_machine_configuration_apply.worker0_applied', actions: 'update' },
        { address: 'talos_machine_secrets.identity_secrets', actions: 'update' },
      ]);
      expectSuccess(await session.deploy());
      expect(await last(300)).toEqual([false, true]);
      expect(await session.plan()).toMatchObject({ status: 0, changes: [] });

      await session.act('infrastructure', 'age-certificates', '-1');
      expect((await session.plan()).output).toContain('no configuration has been provided');
      const renewed = await session.groundwork('credentials', '--renew', '--output', PLACES.temporary);
      expect(renewed.status === 0 ? '' : renewed.stderr).toBe('');
      expect(await last(300)).toEqual([true, true]);
      expectSuccess(await session.deploy());
      expect(await boots()).toEqual(before);
      await expectSettled(session);
    },
    LIMIT_MS,
  );
});
