import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDisk } from '../../../lab/hardware/disk';
import { MachineClient } from './machine-client';
import { createMachineSecrets, type MachineSecrets } from './machine-secrets';
import { RehearsedMachine, schematicFor, type RehearsedMachineOptions } from './rehearsed-machine';

jest.setTimeout(30_000);

const MACHINE = '/machine.MachineService';

describe('the life of a machine', () => {
  const open: { close(): unknown }[] = [];
  const folders: string[] = [];
  let secrets: MachineSecrets;
  let last = 0;

  beforeAll(async () => {
    secrets = await createMachineSecrets();
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const power = async (options: Partial<RehearsedMachineOptions> = {}): Promise<RehearsedMachine> => {
    last += options.address === undefined ? 1 : 0;
    const machine = new RehearsedMachine({ address: `127.73.0.${last}`, ...options });
    folders.push(machine.folder);
    await machine.machine.boot();
    open.push(machine);
    return machine;
  };
  const configured = async (
    options: Partial<RehearsedMachineOptions> = {},
  ): Promise<{ machine: RehearsedMachine; admin: MachineClient }> => {
    const machine = await power(options);
    const { address } = machine.options;
    const anonymous = new MachineClient(address);
    const data = Buffer.from(secrets.config({ address }));
    await anonymous.call(`${MACHINE}/ApplyConfiguration`, { data, mode: 'AUTO' });
    anonymous.close();
    return { machine, admin: await ready(address) };
  };
  const ready = async (address: string): Promise<MachineClient> => {
    const admin = new MachineClient(address, await secrets.client('os:admin'));
    open.unshift(admin);
    return admin.ready();
  };

  test('nothing bootable: it stays on, and does not hear its power button', async () => {
    const machine = new RehearsedMachine({ address: '127.73.1.1' });
    folders.push(machine.folder);
    Object.assign(machine.machine.input.hardware, { disks: [] });
    await machine.machine.boot();
    machine.machine.powerButton();
    expect(machine.log).toEqual([
      'no bootable device among 0 disk(s): the firmware waits',
      'power button: nothing runs that hears it',
    ]);
    expect(machine.exits).toEqual([]);
  });

  test('the power button stops the services, then the machine is off', async () => {
    const { machine } = await configured();
    machine.machine.powerButton();
    machine.machine.powerButton();
    expect(await machine.ended()).toBe(0);
    expect(machine.services.calls).toEqual(['start', 'stop']);
    expect(machine.exits).toEqual([0]);
    expect(machine.log).toContain('shutdown is refused: shutdown is under way');
  });

  test('a config survives a reboot: no maintenance, the same certificates count, another boot id', async () => {
    const { machine, admin } = await configured();
    const [{ actor_id }] = (await admin.call(`${MACHINE}/Reboot`))['messages'] as [{ actor_id: string }];
    expect(actor_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await machine.ended()).toBe(75);
    const again = await power({ address: machine.options.address, disk: machine.disk });
    const [{ version }] = (await (await ready(machine.options.address)).call(`${MACHINE}/Version`))['messages'] as [
      { version: { tag: string } },
    ];
    expect(version.tag).toBe('v1.13.9');
    expect(again.log.some((line) => line.includes('maintenance'))).toBe(false);
    expect(again.services.calls).toEqual(['start']);
    expect(again.machine.bootId).not.toBe(machine.machine.bootId);
  });

  test('a change that needs a restart restarts it by itself', async () => {
    const { machine, admin } = await configured();
    const { address } = machine.options;
    const data = Buffer.from(secrets.config({ address, token: 'another.token' }));
    const obstacle = "this config change can't be applied in immediate mode\ndiff:\n.machine.token";
    expect(await admin.refusal(`${MACHINE}/ApplyConfiguration`, { data, mode: 'NO_REBOOT' })).toBe(`3 ${obstacle}`);
    expect((await admin.call(`${MACHINE}/ApplyConfiguration`, { data, mode: 'AUTO' }))['messages']).toMatchObject([
      { mode: 'REBOOT', mode_details: `Applied configuration with a reboot: ${obstacle}` },
    ]);
    expect(await machine.ended()).toBe(75);
  });

  test('a change that needs none is taken at once, network and certificates included', async () => {
    const { machine, admin } = await configured();
    const { address } = machine.options;
    const text = secrets
      .config({ address, hostname: 'renamed' })
      .replace('[10.0.3.1]', '[10.0.3.1, 10.0.3.9]')
      .replace(`[${address}/8]`, `[${address}/8, 127.73.9.9/8]`);
    expect(
      (await admin.call(`${MACHINE}/ApplyConfiguration`, { data: Buffer.from(text), mode: 'AUTO' }))['messages'],
    ).toMatchObject([{ mode: 'NO_REBOOT', mode_details: 'Applied configuration without a reboot' }]);
    for (
      let tries = 0;
      tries < 100 && !machine.ipCommands.includes('address replace 127.73.9.9/8 dev eth0');
      tries += 1
    )
      await admin.refusal(`${MACHINE}/Hostname`);
    expect((await (await ready(address)).call(`${MACHINE}/Hostname`))['messages']).toMatchObject([
      { hostname: 'renamed' },
    ]);
    expect(machine.exits).toEqual([]);
  });

  test('a tried config goes back by itself', async () => {
    const { machine, admin } = await configured();
    const { address } = machine.options;
    const data = Buffer.from(secrets.config({ address, hostname: 'tried' }));
    const request = { data, mode: 'TRY', try_mode_timeout: { seconds: 0, nanos: 150_000_000 } };
    expect((await admin.call(`${MACHINE}/ApplyConfiguration`, request))['messages']).toMatchObject([
      {
        mode: 'TRY',
        mode_details:
          "Applied configuration without a reboot\nThe config is applied in 'try' mode and will be automatically reverted back in 0.15s",
      },
    ]);
    for (const hostname of ['tried', 'controlplane0']) {
      for (let tries = 0; tries < 200 && machine.machine.hostname !== hostname; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(machine.machine.hostname).toBe(hostname);
    }
    expect(machine.machine.store.read()).toBe(secrets.config({ address }));
  });

  const STATE_AND_EPHEMERAL = [
    { label: 'STATE', wipe: true },
    { label: 'EPHEMERAL', wipe: true },
  ];

  test('a graceful reset leaves etcd, wipes the partitions and is back in maintenance', async () => {
    const { machine, admin } = await configured();
    const events = admin.collect(`${MACHINE}/Events`);
    await admin.call(`${MACHINE}/Reset`, {
      graceful: true,
      reboot: true,
      system_partitions_to_wipe: STATE_AND_EPHEMERAL,
    });
    expect(await machine.ended()).toBe(75);
    expect(machine.services.calls).toEqual(['start', 'leave', 'stop']);
    expect((await events).map(({ data }) => (data as { type_url: string }).type_url)).toContain(
      'talos/runtime/machine.TaskEvent',
    );
    expect([
      existsSync(join(machine.disk, 'STATE')),
      existsSync(join(machine.disk, 'EPHEMERAL')),
      existsSync(join(machine.disk, 'META')),
    ]).toEqual([false, false, true]);
    const again = await power({ address: machine.options.address, disk: machine.disk });
    expect(again.log.at(-1)).toBe(`machine API: listens on ${machine.options.address}:50000 in maintenance mode`);
  });

  test('a graceful reset that cannot leave etcd leaves the machine as it was', async () => {
    const { machine, admin } = await configured();
    machine.services.leaveFault = new Error('etcdserver: unhealthy cluster');
    await admin.call(`${MACHINE}/Reset`, {
      graceful: true,
      reboot: true,
      system_partitions_to_wipe: STATE_AND_EPHEMERAL,
    });
    for (let tries = 0; tries < 100 && !machine.log.includes('reset failed: etcdserver: unhealthy cluster'); tries += 1)
      await admin.refusal(`${MACHINE}/Hostname`);
    expect(machine.exits).toEqual([]);
    expect(existsSync(join(machine.disk, 'STATE'))).toBe(true);
    expect(machine.services.calls).toEqual(['start', 'leave']);
  });

  test('a reset of the whole disk leaves nothing to boot', async () => {
    const { machine, admin } = await configured();
    await admin.call(`${MACHINE}/Reset`, { graceful: false, reboot: false });
    expect(await machine.ended()).toBe(0);
    expect(readDisk(machine.disk).image).toBeNull();
  });

  test.each([
    [
      { system_partitions_to_wipe: [{ label: 'BOOT', wipe: true }] },
      /^2 failed to get volume status with label "BOOT"/,
    ],
    [
      { mode: 'SYSTEM_DISK', user_disks_to_wipe: ['/dev/sdb'] },
      /^2 reset failed: invalid input, wipe mode SYSTEM_DISK/,
    ],
    [{ mode: 'USER_DISKS', user_disks_to_wipe: ['/dev/sdb'] }, /^12 the lab wipes no user disks$/],
  ])('a reset that asks for %j is refused', async (request, answer) => {
    const { machine, admin } = await configured();
    expect(await admin.refusal(`${MACHINE}/Reset`, request)).toMatch(answer);
    expect(machine.exits).toEqual([]);
  });

  test('an upgrade boots the version of the installer; the plain one has lost the kernel args', async () => {
    const { machine, admin } = await configured({ talosVersion: 'v1.13.0' });
    const image =
      'factory.talos.dev/metal-installer/701705bc4c0193db66db4cc8706200eb392a0397a524c1e682f53e5a7c483a70:v1.13.9';
    expect(await admin.refusal(`${MACHINE}/Upgrade`, { image })).toBe(
      `2 error validating installer image "${image}": failed to pull image "${image}": not found`,
    );
    await admin.call(`${MACHINE}/Upgrade`, { image: 'ghcr.io/siderolabs/installer:v1.13.9' });
    expect(await machine.ended()).toBe(75);
    expect(readDisk(machine.disk).image).toMatchObject({ talosVersion: 'v1.13.9', schematic: 'customization: {}\n' });
    const again = await power({ address: machine.options.address, disk: machine.disk });
    // The plain installer has lost net.ifnames=0: the link named eth0 in META and config is no more.
    expect(again.log).toContain('no link is named "eth0": its settings wait (links: enp6s18)');
  });

  test.each([
    ['v1.14.0', 'v1.13.9', 'v1.13.9'],
    ['v1.15.0', 'v1.13.9', 'host version 1.15.0 is too new to downgrade to Talos 1.13.9'],
    ['v1.10.4', 'v1.13.9', 'host version 1.10.4 is too old to upgrade to Talos 1.13.9'],
  ])('O-2 a disk of %s and the installer of %s: %s', async (talosVersion, next, outcome) => {
    const { machine, admin } = await configured({ talosVersion });
    await admin.call(`${MACHINE}/Upgrade`, { image: `ghcr.io/siderolabs/installer:${next}` });
    if (outcome === next) expect(await machine.ended()).toBe(75);
    else while (!machine.log.includes(`upgrade failed: ${outcome}`)) await sleep(20);
    expect(readDisk(machine.disk).image?.talosVersion).toBe(outcome === next ? next : talosVersion);
  });

  test('META key 10 that is written later moves the address at once', async () => {
    const { machine, admin } = await configured();
    const value = Buffer.from('addresses:\n  - {address: 127.73.8.8/8, linkName: eth0, layer: platform}\n');
    machine.ipCommands.splice(0);
    await admin.call(`${MACHINE}/MetaWrite`, { key: 10, value });
    expect(machine.ipCommands).toEqual(['link set eth0 up', 'address replace 127.73.8.8/8 dev eth0']);
    expect(await admin.refusal(`${MACHINE}/MetaWrite`, { key: 256, value })).toBe('3 key must be a uint8');
    expect(await admin.refusal(`${MACHINE}/MetaDelete`, { key: 12 })).toBe('5 meta key not found');
  });

  test('nocloud does not read META key 10', async () => {
    const machine = await power({ platform: 'nocloud', schematic: schematicFor('127.73.0.99/8', 'cp') });
    expect(machine.ipCommands).toEqual(['address flush dev eth0', 'link set eth0 up']);
  });
});
