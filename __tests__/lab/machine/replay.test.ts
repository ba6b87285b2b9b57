import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitions } from '../../../lab/machine/api/definitions';
import { MachineClient } from './machine-client';
import { createMachineSecrets } from './machine-secrets';
import { RehearsedMachine } from './rehearsed-machine';

jest.setTimeout(30_000);

/** A call of the real provider, in the order in which it came. */
interface RecordedCall {
  readonly listener: 'maintenance' | 'secure';
  readonly path: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Base64. Of ApplyConfiguration only what follows the config, which holds keys. */
  readonly request: string;
}

/** terraform-provider-talos 0.7.1: apply, bootstrap, kubeconfig, cluster health; then destroy with a reset. */
const RECORDED = JSON.parse(
  readFileSync(join(__dirname, 'recorded', 'talos-provider-0.7.1.json'), 'utf8'),
) as readonly RecordedCall[];
const NODE = '10.0.1.1';

test('the recorded calls of the Talos provider are answered, from the first probe to the reset', async () => {
  const address = '127.75.0.1';
  const secrets = await createMachineSecrets();
  const machine = new RehearsedMachine({ address });
  await machine.machine.boot();
  const clients: Partial<Record<string, MachineClient>> = { maintenance: new MachineClient(address) };
  const answered: string[] = [];
  const resets = RECORDED.findIndex(({ path }) => path.endsWith('/Reset'));

  for (const { listener, path, metadata, request } of RECORDED.slice(0, resets + 1)) {
    clients[listener] ??= await new MachineClient(address, await secrets.client('os:admin')).ready();
    const client = clients[listener];
    const headers = Object.fromEntries(
      Object.entries(metadata).map(([key, value]) => [key, value.replaceAll(NODE, address)]),
    );
    const config = { data: Buffer.from(secrets.config({ address })), mode: 'REBOOT' };
    const bytes = path.endsWith('/ApplyConfiguration')
      ? // REBOOT is 0, which the recorded mode that follows overrides.
        Buffer.concat([
          definitions().methods.get(path)?.encodeRequest(config) ?? Buffer.alloc(0),
          Buffer.from(request, 'base64'),
        ])
      : Buffer.from(request, 'base64');
    const open = path.endsWith('/Events') || path.endsWith('/Watch');
    if (definitions().methods.get(path)?.responseStream === true) {
      const messages = await client.stream(path, bytes, headers, open ? 1 : Infinity);
      answered.push(`${path.split('/')[2] ?? ''} ${messages.length}`);
    } else {
      const reply = await client.unary(path, bytes, headers);
      answered.push(`${path.split('/')[2] ?? ''} ${reply.length > 0 ? 'ok' : 'empty'}`);
    }
  }
  const ended = await machine.ended();
  const asked = [...machine.services.calls];
  for (const client of Object.values(clients)) client?.close();
  await machine.close();

  expect(ended).toBe(75);
  expect(asked).toEqual(['start', 'bootstrap {"recoverEtcd":false,"recoverSkipHashCheck":false}', 'stop']);
  expect(answered).toEqual([
    ...['Disks ok', 'ApplyConfiguration ok', 'Bootstrap ok', 'Kubeconfig 1', 'ServiceList ok', 'ServiceList ok'],
    ...['EtcdMemberList ok', 'EtcdMemberList ok', 'Version ok', 'Version ok', 'Memory ok', 'Version ok', 'Mounts ok'],
    ...['List 2', 'List 0', 'ServiceList ok', 'Watch 1', 'Kubeconfig 1', 'List 1'],
    ...['Version ok', 'Read 1', 'Events 1', 'Reset ok'],
  ]);
});
