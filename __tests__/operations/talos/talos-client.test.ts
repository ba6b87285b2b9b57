import { parseTalosconfig } from '../../../operations/talos/talosconfig';
import { TalosClient } from '../../../operations/talos/talos-client';
import { MachineClient } from '../../lab/machine/machine-client';
import { createMachineSecrets } from '../../lab/machine/machine-secrets';
import { RehearsedMachine } from '../../lab/machine/rehearsed-machine';

jest.setTimeout(30_000);

const ADDRESS = '127.73.0.1';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('TalosClient', () => {
  let machine: RehearsedMachine;
  let client: TalosClient;

  beforeAll(async () => {
    const secrets = await createMachineSecrets();
    machine = new RehearsedMachine({ address: ADDRESS, hostname: 'controlplane0' });
    await machine.machine.boot();
    const anonymous = new MachineClient(ADDRESS);
    const data = Buffer.from(secrets.config({ address: ADDRESS, endpoint: ADDRESS }));
    await anonymous.call('/machine.MachineService/ApplyConfiguration', { data, mode: 'AUTO' });
    anonymous.close();
    const admin = await secrets.client('os:admin');
    const ready = await new MachineClient(ADDRESS, admin).ready();
    ready.close();
    const context = {
      endpoints: [ADDRESS],
      ca: base64(admin.ca),
      crt: base64(admin.certificate),
      key: base64(admin.key),
    };
    client = new TalosClient(parseTalosconfig(JSON.stringify({ context: 'lab', contexts: { lab: context } })));
  });
  afterAll(() => machine.close());

  test('asks a node for its version, services and etcd members', async () => {
    expect(await client.version(ADDRESS)).toBe('v1.13.9');
    expect((await client.services(ADDRESS)).find(({ id }) => id === 'kubelet')).toEqual({
      id: 'kubelet',
      state: 'Running',
      health: { unknown: false, healthy: true, last_message: '' },
    });
    expect(await client.etcdMembers(ADDRESS)).toEqual([
      {
        id: '17894563214568795412',
        hostname: 'controlplane0',
        peer_urls: ['https://10.0.1.1:2380'],
        client_urls: ['https://10.0.1.1:2379'],
        is_learner: false,
      },
    ]);
  });

  test('a refusal names the node, the method and the status', async () => {
    await expect(client.time(ADDRESS)).rejects.toMatchObject({ name: 'TalosError', code: 'UNIMPLEMENTED' });
  });
});

test('a talosconfig without its context is refused with the names that it has', () => {
  expect(() => parseTalosconfig('context: a\ncontexts: {b: {ca: "", crt: "", key: ""}}')).toThrow(
    new Error('talosconfig has no context "a"; it has b'),
  );
});
