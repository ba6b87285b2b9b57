import { once } from 'node:events';
import { connect, createServer } from 'node:net';
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

  test('asks a node for its stage, the alarms of etcd and its time', async () => {
    expect(await client.status(ADDRESS)).toMatchObject({
      stage: expect.stringMatching(/^(BOOTING|RUNNING)$/) as string,
    });
    expect(await client.etcdAlarms(ADDRESS)).toEqual([{ member_id: '17894563214568795412', alarm: 'NOSPACE' }]);
    const { server, aheadMs } = await client.time(ADDRESS);
    expect(server).toBe('time.cloudflare.com');
    // Two clocks, read one after the other.
    expect(Math.abs(aheadMs)).toBeLessThan(1000);
  });

  test('asks a node to give up the leadership of etcd, and learns to whom', async () => {
    expect(await client.etcdForfeitLeadership(ADDRESS)).toBe('controlplane1');
  });

  test('whoever answers at an address must hold a certificate of that address', async () => {
    const other = '127.73.0.2';
    const relay = createServer((socket) => socket.pipe(connect(50_000, ADDRESS)).pipe(socket)).listen(50_000, other);
    await once(relay, 'listening');
    try {
      await expect(client.version(other)).rejects.toThrow(`IP: ${other} is not in the cert's list`);
    } finally {
      relay.close();
    }
  });

  test('a refusal names the node, the method and the status', async () => {
    await expect(client.etcdRemoveMember('127.73.0.9', '1')).rejects.toMatchObject({
      name: 'TalosError',
      code: 'UNAVAILABLE',
    });
  });
});

test('a talosconfig without its context is refused with the names that it has', () => {
  expect(() => parseTalosconfig('context: a\ncontexts: {b: {ca: "", crt: "", key: ""}}')).toThrow(
    new Error('talosconfig has no context "a"; it has b'),
  );
});
