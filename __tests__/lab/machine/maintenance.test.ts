import { request } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MachineClient } from './machine-client';
import { createMachineSecrets, type MachineSecrets } from './machine-secrets';
import { NET_IFNAMES, RehearsedMachine, type RehearsedMachineOptions } from './rehearsed-machine';

jest.setTimeout(30_000);

const MACHINE = '/machine.MachineService';
const STATUS = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };
const CONFIG = { namespace: 'config', type: 'MachineConfigs.config.talos.dev', id: 'v1alpha1' };

describe('a machine without a config', () => {
  const open: { close(): unknown }[] = [];
  let secrets: MachineSecrets;
  let last = 0;

  beforeAll(async () => {
    secrets = await createMachineSecrets();
  });
  const shared: Partial<Record<string, Awaited<ReturnType<typeof boot>>>> = {};
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });
  afterAll(async () => {
    for (const one of Object.values(shared)) {
      one?.client.close();
      await one?.machine.close();
    }
  });

  const boot = async (
    options: Partial<RehearsedMachineOptions> = {},
  ): Promise<{ machine: RehearsedMachine; client: MachineClient; address: string }> => {
    last += 1;
    const address = `127.71.0.${last}`;
    const machine = new RehearsedMachine({ address, ...options });
    await machine.machine.boot();
    const client = new MachineClient(address);
    open.push(client, machine);
    return { machine, client, address };
  };
  /** One machine for a table of calls that change nothing. */
  const bootOnce = async (talosVersion: string): Promise<MachineClient> => {
    shared[talosVersion] ??= await boot({ talosVersion });
    open.splice(0);
    return shared[talosVersion].client;
  };

  describe('Talos 1.13: apid serves it, and everybody is a reader', () => {
    test.each([
      ['/storage.StorageService/Disks', '0'],
      [`${MACHINE}/Version`, '0'],
      [`${MACHINE}/ServiceList`, '0'],
      [`${MACHINE}/Memory`, '0'],
      [`${MACHINE}/Mounts`, '0'],
      [`${MACHINE}/Hostname`, '0'],
      [`${MACHINE}/Events`, '0'],
      [`${MACHINE}/EtcdMemberList`, '12 machine type is not set, cannot use member list API'],
      [`${MACHINE}/Dmesg`, '12 method Dmesg not implemented'],
      [`${MACHINE}/Bootstrap`, '7 not authorized'],
      [`${MACHINE}/Kubeconfig`, '7 not authorized'],
      [`${MACHINE}/Reset`, '7 not authorized'],
      [`${MACHINE}/Reboot`, '7 not authorized'],
      [`${MACHINE}/Read`, '7 not authorized'],
      [`${MACHINE}/Upgrade`, '7 not authorized'],
      [`${MACHINE}/MetaWrite`, '7 not authorized'],
      [`${MACHINE}/EtcdSnapshot`, '7 not authorized'],
      ['/machine.LifecycleService/Upgrade', '7 not authorized'],
      ['/unknown.Service/Method', '12 The server does not implement the method /unknown.Service/Method'],
    ])('%s → %s', async (path, answer) => {
      const client = await bootOnce('v1.13.9');
      expect(await client.refusal(path)).toBe(answer);
    });

    test('resources are read, but for those that hold secrets', async () => {
      const { client } = await boot();
      const { resource } = await client.call('/cosi.resource.State/Get', STATUS);
      // stage MAINTENANCE, ready
      expect(resource).toMatchObject({
        metadata: { phase: 'running' },
        spec: { proto_spec: Buffer.from('080312020801', 'hex') },
      });
      expect(await client.refusal('/cosi.resource.State/Get', CONFIG)).toBe('7 not authorized');
      expect(await client.refusal('/cosi.resource.State/Get', { ...STATUS, id: 'x' })).toBe(
        "5 resource MachineStatuses.runtime.talos.dev(runtime/x@undefined) doesn't exist",
      );
      expect(await client.refusal('/cosi.resource.State/Get', { ...STATUS, type: 'Links.net.talos.dev' })).toBe(
        '7 resource type "Links.net.talos.dev" is not supported',
      );
    });

    test('routing is off: node and nodes are ignored', async () => {
      const { client } = await boot();
      const reply = await client.call(`${MACHINE}/Version`, {}, { nodes: ['10.0.1.9', '10.0.1.8'] });
      expect(reply['messages']).toMatchObject([
        { metadata: null, version: { tag: 'v1.13.9' }, platform: { name: 'metal', mode: 'metal' } },
      ]);
    });

    test.each([
      ['AUTO', 'NO_REBOOT', 'Applied configuration without a reboot'],
      ['REBOOT', 'NO_REBOOT', 'Applied configuration without a reboot'],
      ['NO_REBOOT', 'NO_REBOOT', 'Applied configuration without a reboot'],
      ['STAGED', 'STAGED', 'Staged configuration to be applied after the next reboot'],
    ])('apply in mode %s answers %s', async (mode, chosen, details) => {
      const { client, address } = await boot();
      const data = Buffer.from(secrets.config({ address }));
      expect((await client.call(`${MACHINE}/ApplyConfiguration`, { data, mode }))['messages']).toMatchObject([
        { mode: chosen, mode_details: details },
      ]);
    });

    test.each(['parse', 'validate'] as const)(
      'a config that does not %s is refused with the words of Talos',
      async (stage) => {
        const error = '1 error occurred:\n\t* cluster instance endpoint is required\n\n';
        const { client, machine } = await boot({ validate: () => ({ error, stage, warnings: [] }) });
        expect(await client.refusal(`${MACHINE}/ApplyConfiguration`, { data: Buffer.from('x'), mode: 'AUTO' })).toBe(
          `3 ${error}`,
        );
        expect(existsSync(join(machine.disk, 'STATE'))).toBe(false);
      },
    );
  });

  describe('Talos 1.12: a small server with few methods', () => {
    const NOT_THERE = '12 API is not implemented in maintenance mode';
    test.each([
      ['/storage.StorageService/Disks', '0'],
      [`${MACHINE}/Version`, NOT_THERE],
      [`${MACHINE}/Reset`, NOT_THERE],
      [`${MACHINE}/Upgrade`, NOT_THERE],
      [`${MACHINE}/MetaWrite`, NOT_THERE],
      [`${MACHINE}/Bootstrap`, '12 method Bootstrap not implemented'],
      [`${MACHINE}/Kubeconfig`, '12 method Kubeconfig not implemented'],
      [`${MACHINE}/ServiceList`, '12 method ServiceList not implemented'],
      [`${MACHINE}/Events`, '12 method Events not implemented'],
    ])('%s → %s', async (path, answer) => {
      const client = await bootOnce('v1.12.9');
      expect(await client.refusal(path)).toBe(answer);
    });

    test.each([
      ['NO_REBOOT', "12 apply configuration --mode='no-reboot' is not supported in maintenance mode"],
      ['STAGED', "12 apply configuration --mode='staged' is not supported in maintenance mode"],
      ['AUTO', '0'],
      ['REBOOT', '0'],
      ['TRY', '0'],
    ])('apply in mode %s → %s', async (mode, answer) => {
      const { client, address } = await boot({ talosVersion: 'v1.12.9' });
      const data = Buffer.from(secrets.config({ address }));
      expect(await client.refusal(`${MACHINE}/ApplyConfiguration`, { data, mode })).toBe(answer);
    });

    test.each([
      ['parse', '2 failed to parse config: unknown keys found'],
      ['validate', '3 configuration validation failed: unknown keys found'],
    ] as const)('a config that does not %s is refused with the words of Talos', async (stage, answer) => {
      const { client } = await boot({
        talosVersion: 'v1.12.9',
        validate: () => ({ error: 'unknown keys found', stage, warnings: [] }),
      });
      expect(await client.refusal(`${MACHINE}/ApplyConfiguration`, { data: Buffer.from('x'), mode: 'AUTO' })).toBe(
        answer,
      );
    });
  });

  test('takes a config, keeps it where only root reads it, and asks for certificates from then on', async () => {
    const { client, machine, address } = await boot();
    const text = secrets.config({ address });
    await client.call(`${MACHINE}/ApplyConfiguration`, { data: Buffer.from(text), mode: 'AUTO' });
    const stored = join(machine.disk, 'STATE', 'config.yaml');
    expect(readFileSync(stored, 'utf8')).toBe(text);
    expect(statSync(stored).mode & 0o777).toBe(0o600);
    const admin = new MachineClient(address, await secrets.client('os:admin'));
    open.unshift(admin);
    await admin.ready();
    const anonymous = new MachineClient(address);
    open.unshift(anonymous);
    expect(await anonymous.refusal('/storage.StorageService/Disks')).toMatch(/^14 /);
    expect(machine.services.calls).toEqual(['start']);
  });

  test.each([false, true])('with keys that belong into a TPM, services start where there is one: %s', async (tpm) => {
    const { client, machine, address } = await boot({ tpm });
    const extraMachine = '  systemDiskEncryption:\n    state: {provider: luks2, keys: [{slot: 0, tpm: {}}]}\n';
    const data = Buffer.from(secrets.config({ address, extraMachine }));
    await client.call(`${MACHINE}/ApplyConfiguration`, { data, mode: 'AUTO' });
    const said = 'STATE and EPHEMERAL are not mounted: their key belongs into a TPM, and this machine has none';
    const done = (): boolean => machine.services.calls.length > 0 || machine.log.includes(said);
    for (let waited = 0; !done() && waited < 5000; waited += 10) await sleep(10);
    expect(machine.services.calls).toEqual(tpm ? ['start'] : []);
    expect(machine.log.includes(said)).toBe(!tpm);
  });

  test('firmware boots no image of another architecture', async () => {
    const machine = new RehearsedMachine({ address: '127.71.1.1', architecture: 'arm64' });
    open.push(machine);
    await machine.machine.boot();
    expect(machine.log).toEqual(['no bootable device among 1 disk(s): the firmware waits']);
  });

  const askAgent = (socketPath: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      request({ socketPath, path: '/network-get-interfaces' }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => resolve(JSON.parse(body)));
      })
        .on('error', reject)
        .end();
    });

  test('the guest agent lists the loopback first, and MAC addresses in lower case', async () => {
    const { machine, address } = await boot();
    expect(await askAgent(machine.agentSocket)).toEqual([
      {
        name: 'lo',
        'hardware-address': '00:00:00:00:00:00',
        'ip-addresses': [{ 'ip-address': '127.0.0.1', 'ip-address-type': 'ipv4', prefix: 8 }],
      },
      {
        name: 'eth0',
        'hardware-address': 'bc:24:11:00:00:01',
        'ip-addresses': [{ 'ip-address': address, 'ip-address-type': 'ipv4', prefix: 16 }],
      },
    ]);
  });

  test.each<[string, Partial<RehearsedMachineOptions>]>([
    ['where the lab says so', { agentInMaintenance: false }],
    ['where the image has no extension for it', { schematic: `customization:\n${NET_IFNAMES}` }],
  ])('the guest agent is silent %s', async (_when, options) => {
    const { machine } = await boot(options);
    await expect(askAgent(machine.agentSocket)).rejects.toThrow('ENOENT');
  });
});
