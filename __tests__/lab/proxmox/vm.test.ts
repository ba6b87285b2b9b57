import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readDisk } from '../../../lab/hardware/disk';
import { type DataCentre, dataCentre, DEPLOY_TOKEN, LEAST_PRIVILEGES, token } from './data-centre';
import { IMAGE_URL, SCHEMATIC_ID } from './images';

const VMS = '/nodes/pve1/qemu';
const TALOS = {
  ...{
    vmid: '200',
    name: 'talos-controlplane0',
    machine: 'q35',
    bios: 'ovmf',
    cores: '4',
    memory: '4096',
    agent: 'enabled=1',
  },
  ...{
    scsihw: 'virtio-scsi-single',
    net0: 'model=virtio,bridge=vmbr0,firewall=0',
    boot: 'order=scsi0;net0',
    tags: 'talos;Groundwork',
  },
  efidisk0: 'file=local-lvm:1,format=raw,efitype=4m,pre-enrolled-keys=0',
  scsi0: 'file=local-lvm:0,import-from=local:import/talos.qcow2,size=42949672960,iothread=1,ssd=1,discard=on,',
};
const SMALL = { vmid: '300', scsi0: 'local:8', net0: 'virtio,bridge=vmbr0' };

describe('a VM', () => {
  let centre: DataCentre;
  beforeEach(async () => {
    centre = await dataCentre();
  });
  afterEach(() => centre.close());

  const talos = async (): Promise<void> => {
    await centre.must('POST', '/nodes/pve1/storage/local/download-url', {
      url: IMAGE_URL,
      content: 'import',
      filename: 'talos.qcow2',
    });
    await centre.must('POST', VMS, TALOS);
  };
  const config = (vmid: number): Readonly<Record<string, string>> =>
    centre.proxmox.snapshot().vms.find((vm) => vm.vmid === vmid)?.config ?? {};
  const answer = async (...call: Parameters<DataCentre['call']>): Promise<string> => {
    const { status, reason, body } = await centre.call(...call);
    await centre.proxmox.idle();
    const { errors } = body as { errors?: unknown };
    return `${status} ${reason}${errors === undefined ? '' : ` ${JSON.stringify(errors)}`}`;
  };
  const exitOf = async (...call: Parameters<DataCentre['call']>): Promise<string> => {
    const said = await answer(...call);
    return said === '200 OK' ? (centre.proxmox.snapshot().tasks.at(-1)?.exitstatus ?? 'running') : said;
  };

  test('T-9 gets its disks from the image, and what Proxmox adds', async () => {
    await talos();
    expect(await centre.must('GET', `${VMS}/200/config`)).toEqual({
      ...{
        agent: 'enabled=1',
        bios: 'ovmf',
        boot: 'order=scsi0;net0',
        cores: 4,
        machine: 'q35',
        memory: '4096',
        name: 'talos-controlplane0',
      },
      digest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
      efidisk0: 'local-lvm:vm-200-disk-0,efitype=4m,pre-enrolled-keys=0,size=4M',
      meta: expect.stringMatching(/^creation-qemu=11\.0\.0,ctime=\d+$/) as string,
      net0: expect.stringMatching(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0,firewall=0$/) as string,
      scsi0: 'local-lvm:vm-200-disk-1,discard=on,iothread=1,size=1248M,ssd=1',
      scsihw: 'virtio-scsi-single',
      smbios1: expect.stringMatching(
        /^uuid=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ) as string,
      tags: 'groundwork;talos',
      vmgenid: expect.any(String) as string,
    });
    const disk = centre.proxmox.snapshot().disks.find(({ volid }) => volid === 'local-lvm:vm-200-disk-1');
    expect(readDisk(disk?.path ?? '').image?.schematicId).toBe(SCHEMATIC_ID);
  });

  test('is locked while it is made, and its id is taken', async () => {
    centre.proxmox.faults.add({ name: 'task-hangs', match: { method: 'POST', path: VMS } });
    await centre.call('POST', VMS, SMALL);
    expect(await centre.must('GET', `${VMS}/300/config`)).toMatchObject({ lock: 'create' });
    expect((await centre.call('POST', VMS, SMALL)).reason).toBe(
      "unable to create VM 300 - VM 300 already exists on node 'pve1'",
    );
    expect((await centre.call('PUT', `${VMS}/300/config`, { cores: '2' })).reason).toBe('VM is locked (create)');
    expect((await centre.call('GET', '/cluster/nextid', { vmid: '300' })).body).toMatchObject({
      errors: { vmid: 'VM 300 already exists' },
    });
  });

  test('leaves nothing where a disk can not be made', async () => {
    const broken = { ...TALOS, scsi0: 'local-lvm:0,import-from=local:import/none.qcow2' };
    expect(await exitOf('POST', VMS, broken)).toBe(
      `unable to create VM 200 - failed to stat '${join(centre.folder, 'local', 'pve1', 'import', 'none.qcow2')}'`,
    );
    expect(centre.proxmox.snapshot()).toMatchObject({ vms: [], disks: [] });
    expect(existsSync(join(centre.folder, 'lvm', 'pve1', 'vm-200-disk-0'))).toBe(false);
  });

  test('is not made on a full storage', async () => {
    await centre.must('POST', '/nodes/pve1/storage/local/download-url', {
      url: IMAGE_URL,
      content: 'import',
      filename: 'talos.qcow2',
    });
    centre.proxmox.faults.add({ name: 'storage-full', match: { method: 'POST', path: '/nodes/{node}/qemu' } });
    expect(await exitOf('POST', VMS, { ...TALOS, efidisk0: 'local-lvm:1,efitype=4m' })).toBe(
      "unable to create VM 200 - copy failed: command '/usr/bin/qemu-img convert' failed: exit code 1",
    );
  });

  test.each([
    [
      { scsi0: 'local-lvm:5,import-from=local:import/talos.qcow2' },
      `400 Parameter verification failed. {"scsi0":"'import-from' requires special syntax - use <storage ID>:0,import-from=<source>"}`,
    ],
    [{ scsi0: 'attic:5' }, "500 storage 'attic' does not exist"],
    [
      { scsi0: 'local:0,import-from=local:iso/talos.iso' },
      `400 Parameter verification failed. {"scsi0":"local:iso/talos.iso has wrong type 'iso' - needs to be 'images' or 'import'"}`,
    ],
    [{ scsi0: 'local-lvm:vm-999-disk-0' }, 'unable to create VM 300 - volume local-lvm:vm-999-disk-0 does not exist'],
    [{ pool: 'none' }, "403 Permission check failed (pool 'none' does not exist)"],
    [{ archive: 'local:backup/x' }, '500 restore from a backup archive is not simulated'],
    [{ scsi0: '5' }, '500 no storage ID specified (and no default storage)'],
  ])('is refused with %j', async (more, text) => {
    expect(await exitOf('POST', VMS, { ...SMALL, ...more })).toBe(text);
  });

  test.each([
    [{ args: '-s' }, "500 only root can set 'args' config"],
    [{ hookscript: 'local:snippets/x.sh' }, "500 only root can set 'hookscript' config"],
    [{ startup: 'order=1' }, '403 Permission check failed (/, Sys.Modify)'],
    [{ serial0: '/dev/ttyS0' }, "500 only root can set 'serial0' config for real devices"],
    [{ hostpci0: 'host=01:00.0' }, "500 only root can set 'hostpci0' config for non-mapped devices"],
    [{ hostpci0: 'mapping=gpu' }, '403 Permission check failed (/mapping/pci/gpu, Mapping.Use)'],
    [{ net0: 'virtio,bridge=vmbr1' }, '403 Permission check failed (/sdn/zones/localnetwork/vmbr1, SDN.Use)'],
    [{ ide2: 'local-lvm:cloudinit', ipconfig0: 'ip=dhcp' }, '200 OK'],
    [{ vmid: '301', pool: 'talos' }, '200 OK'],
    [{ scsi0: '/dev/sda' }, '500 Only root can pass arbitrary filesystem paths.'],
    [{ 'ha-managed': '1' }, '403 Permission check failed (/, Sys.Console)'],
  ])('O-6 made by a deploy token with %j: %s', async (more, text) => {
    expect(await answer('POST', VMS, { vmid: '300', scsi0: 'local-lvm:1', ...more }, DEPLOY_TOKEN)).toBe(text);
  });

  test('tags of a new VM are not covered by privileges on its pool', async () => {
    await centre.close();
    const acl = [
      ...LEAST_PRIVILEGES.filter(({ path }) => path !== '/vms'),
      { path: '/pool/talos', role: 'PVEVMAdmin' },
    ];
    centre = await dataCentre({ users: [{ id: 'groundwork@pve', acl }], tokens: [token(DEPLOY_TOKEN, acl)] });
    const vm = { vmid: '300', scsi0: 'local-lvm:1', pool: 'talos' };
    await centre.call('POST', VMS, { ...vm, tags: 'talos' }, DEPLOY_TOKEN);
    await centre.proxmox.idle();
    expect(centre.proxmox.snapshot().tasks.at(-1)?.exitstatus).toBe(
      'unable to create VM 300 - 403 Permission check failed (/vms/300, VM.Config.Options)',
    );
    expect(centre.proxmox.snapshot()).toMatchObject({ vms: [], disks: [] });
    expect((await centre.call('POST', VMS, vm, DEPLOY_TOKEN)).status).toBe(200);
  });

  test('ten are made at once', async () => {
    await centre.must('POST', '/nodes/pve1/storage/local/download-url', {
      url: IMAGE_URL,
      content: 'import',
      filename: 'talos.qcow2',
    });
    const ids = [...Array(10).keys()].map((n) => String(400 + n));
    const answers = await Promise.all(ids.map((vmid) => centre.call('POST', VMS, { ...TALOS, vmid })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await centre.proxmox.idle();
    const { vms, disks, tasks } = centre.proxmox.snapshot();
    expect([vms.length, disks.length, new Set(disks.map(({ volid }) => volid)).size]).toEqual([10, 20, 20]);
    expect(tasks.every(({ exitstatus }) => exitstatus === 'OK')).toBe(true);
    expect(await centre.must('GET', '/cluster/nextid')).toBe('100');
  });

  test('is handed to the hypervisor as it is configured', async () => {
    await talos();
    await centre.must('POST', `${VMS}/200/status/start`, { timeout: '1800' });
    const mac = /virtio=([0-9A-F:]+)/.exec(config(200)['net0'] ?? '')?.[1];
    expect(centre.hypervisor.started.get(200)).toEqual({
      ...{ vmid: 200, host: 'pve1', name: 'talos-controlplane0', cores: 4, memoryMiB: 4096, agent: true },
      uuid: config(200)['smbios1']?.replace('uuid=', ''),
      disks: [{ device: 'scsi0', path: join(centre.folder, 'lvm', 'pve1', 'vm-200-disk-1') }],
      nics: [{ mac, bridge: 'vmbr0', linkDown: false }],
    });
    expect(await centre.must('GET', `${VMS}/200/status/current`)).toMatchObject({
      status: 'running',
      uptime: 7,
      cpus: 4,
      maxmem: 4_294_967_296,
      agent: 1,
      pid: 100_200,
    });
    expect(await exitOf('POST', `${VMS}/200/status/start`)).toBe('VM 200 already running');
  });

  test('T-8 tells a guest what its cloud-init drive holds', async () => {
    await centre.must('POST', VMS, {
      ...SMALL,
      ide2: 'local-lvm:cloudinit',
      ipconfig0: 'ip=10.0.1.1/16,gw=10.0.0.1',
      nameserver: '10.0.0.1',
    });
    await centre.must('POST', `${VMS}/300/status/start`);
    expect(centre.hypervisor.started.get(300)?.cloudInit).toEqual({
      ipconfig0: 'ip=10.0.1.1/16,gw=10.0.0.1',
      nameserver: '10.0.0.1',
    });
    expect(config(300)['ide2']).toBe('local-lvm:vm-300-cloudinit,media=cdrom');
  });

  test.each([
    [{ net0: 'virtio,bridge=vmbr9' }, "bridge 'vmbr9' does not exist"],
    [{ cores: '32' }, 'MAX 16 vcpus allowed per VM on this node'],
    [{ template: '1' }, "you can't start a vm if it's a template"],
    [{ machine: 'virt' }, 'start failed: QEMU exited with code 1'],
  ])('does not start with %j', async (more, text) => {
    await centre.must('POST', VMS, { ...SMALL, ...more });
    expect(await exitOf('POST', `${VMS}/300/status/start`)).toBe(text);
  });

  test('does not start where the hypervisor can not', async () => {
    await centre.must('POST', VMS, SMALL);
    centre.hypervisor.failNextStart = 'no network namespace';
    expect(await exitOf('POST', `${VMS}/300/status/start`)).toBe('no network namespace');
  });

  test('does not start with a PCI mapping that is none', async () => {
    await centre.must('POST', VMS, { ...SMALL, hostpci0: 'mapping=gpu,pcie=1' });
    expect(await exitOf('POST', `${VMS}/300/status/start`)).toBe("PCI device mapping not found for 'gpu'");
  });

  test('that powers itself off is stopped', async () => {
    await centre.must('POST', VMS, { ...SMALL, start: '1' });
    expect(centre.proxmox.snapshot().vms[0]?.status).toBe('running');
    centre.hypervisor.powerOff(300);
    expect(await centre.must('GET', `${VMS}/300/status/current`)).toMatchObject({
      status: 'stopped',
      qmpstatus: 'stopped',
    });
  });

  test('that does not obey is switched off where that is allowed', async () => {
    await centre.must('POST', VMS, { ...SMALL, start: '1' });
    centre.hypervisor.obeys = false;
    expect(await exitOf('POST', `${VMS}/300/status/shutdown`, { timeout: '1' })).toBe(
      'VM quit/powerdown failed - got timeout',
    );
    expect(await exitOf('POST', `${VMS}/300/status/shutdown`, { timeout: '1', forceStop: '1' })).toBe('OK');
    expect(centre.hypervisor.isRunning(300)).toBe(false);
  });

  test.each([
    [
      { cores: '2', delete: 'cores' },
      `400 Parameter verification failed. {"delete":"you can't use '-cores' and -delete cores' at the same time"}`,
    ],
    [{ delete: 'colour' }, `400 Parameter verification failed. {"delete":"unknown option 'colour'"}`],
    [{}, '500 no options specified'],
    [{ digest: 'x', cores: '2' }, '500 checksum mismatch (file change by other user?)'],
    [{ boot: 'order=scsi5' }, "500 invalid bootorder: device 'scsi5' does not exist'"],
    [{ balloon: '9000', memory: '1024' }, '500 balloon value too large (must be smaller than assigned memory)'],
    [{ skiplock: '1' }, '400 Parameter verification failed. {"skiplock":"Only root may use this option."}'],
    [{ delete: 'cpulimit,vcpus', cores: '2' }, '200 OK'],
  ])('is changed with %j: %s', async (form, text) => {
    await centre.must('POST', VMS, SMALL);
    expect(await answer('PUT', `${VMS}/300/config`, form)).toBe(text);
  });

  test('T-24 a running one takes new hardware at the next power-on, and shows until then what waits', async () => {
    await centre.must('POST', VMS, { ...SMALL, memory: '2048', cores: '2', cpulimit: '1', start: '1' });
    const waiting = async (): Promise<unknown> =>
      ((await centre.must('GET', `${VMS}/300/pending`)) as { pending?: string; delete?: number }[]).filter(
        (option) => option.pending !== undefined || option.delete !== undefined,
      );
    await centre.must('PUT', `${VMS}/300/config`, { memory: '4096', cores: '2', name: 'big', delete: 'cpulimit' });
    expect(await waiting()).toEqual([{ key: 'memory', value: '2048', pending: '4096' }]);
    expect(config(300)).toMatchObject({ memory: '2048', name: 'big' });
    expect(config(300)['cpulimit']).toBeUndefined();
    expect(await centre.must('GET', `${VMS}/300/config`)).toMatchObject({ memory: '4096' });
    expect(await centre.must('GET', `${VMS}/300/config?current=1`)).toMatchObject({ memory: '2048' });

    await centre.must('PUT', `${VMS}/300/config`, { delete: 'cores', memory: '2048' });
    expect(await waiting()).toEqual([{ key: 'cores', value: '2', delete: 1 }]);
    await centre.must('PUT', `${VMS}/300/config`, { revert: 'cores' });
    expect(await waiting()).toEqual([]);

    await centre.must('PUT', `${VMS}/300/config`, { memory: '8192' });
    await centre.must('POST', `${VMS}/300/status/reset`);
    expect(centre.hypervisor.started.get(300)?.memoryMiB).toBe(8192);
    expect(await waiting()).toEqual([]);
  });

  test('takes memory at once where hotplug says so', async () => {
    await centre.must('POST', VMS, { ...SMALL, memory: '2048', hotplug: 'network,memory', numa: '1', start: '1' });
    await centre.must('PUT', `${VMS}/300/config`, { memory: '4096' });
    expect(config(300)['memory']).toBe('4096');
  });

  test('keeps a detached disk as unused, and deletes it on request', async () => {
    await centre.must('POST', VMS, { ...SMALL, scsi1: 'local-lvm:2', boot: 'order=scsi0;scsi1' });
    await centre.must('PUT', `${VMS}/300/config`, { delete: 'scsi1' });
    expect(config(300)).toMatchObject({ unused0: 'local-lvm:vm-300-disk-0', boot: 'order=scsi0' });
    await centre.must('PUT', `${VMS}/300/config`, { delete: 'unused0' });
    expect(centre.proxmox.snapshot().disks.map(({ volid }) => volid)).toEqual(['local:300/vm-300-disk-0.qcow2']);
  });

  test('grows a disk and never shrinks it', async () => {
    await centre.must('POST', VMS, SMALL);
    const resize = (size: string) => exitOf('PUT', `${VMS}/300/resize`, { disk: 'scsi0', size });
    expect(await resize('4G')).toBe('shrinking disks is not supported');
    expect(await resize('8589934592')).toBe('OK');
    expect(await resize('+2G')).toBe('OK');
    expect(config(300)['scsi0']).toBe('local:300/vm-300-disk-0.qcow2,size=10G');
    expect(readDisk(centre.proxmox.snapshot().disks[0]?.path ?? '').sizeBytes).toBe(10_737_418_240);
    expect(await exitOf('PUT', `${VMS}/300/resize`, { disk: 'scsi1', size: '1G' })).toBe("disk 'scsi1' does not exist");
  });

  test('moves a disk while it runs, in the folder that it has open', async () => {
    await centre.must('POST', VMS, { ...SMALL, start: '1' });
    const open = centre.hypervisor.started.get(300)?.disks[0]?.path ?? '';
    await centre.must('POST', `${VMS}/300/move_disk`, { disk: 'scsi0', storage: 'local-lvm', delete: '1' });
    expect(centre.proxmox.snapshot().disks).toEqual([
      { volid: 'local-lvm:vm-300-disk-0', node: 'pve1', sizeBytes: 8_589_934_592, path: open },
    ]);
    expect(existsSync(open)).toBe(true);
    expect(await answer('POST', `${VMS}/300/move_disk`, { disk: 'scsi0', storage: 'local-lvm' })).toBe(
      "500 you can't move to the same storage with same format",
    );
  });

  test('is migrated with its local disks', async () => {
    await centre.must('POST', VMS, { ...SMALL, start: '1' });
    const migrate = (form: Record<string, string>) => exitOf('POST', `${VMS}/300/migrate`, { target: 'pve2', ...form });
    expect(await migrate({})).toBe("500 can't migrate running VM without --online");
    expect(await migrate({ online: '1' })).toBe(
      "can't live migrate attached local disks without with-local-disks option",
    );
    expect(await migrate({ target: 'pve1' })).toBe(
      '400 Parameter verification failed. {"target":"target is local node."}',
    );
    expect(await migrate({ target: 'pve9' })).toBe("500 no such cluster node 'pve9'");
    expect(await migrate({ online: '1', 'with-local-disks': '1' })).toBe('OK');
    expect(centre.proxmox.snapshot()).toMatchObject({
      vms: [{ node: 'pve2', status: 'running' }],
      disks: [{ node: 'pve2' }],
    });
    expect((await centre.call('GET', `${VMS}/300/config`)).reason).toBe(
      "Configuration file 'nodes/pve1/qemu-server/300.conf' does not exist",
    );
  });

  test('is destroyed only when it is off, unprotected and unmanaged', async () => {
    await centre.must('POST', VMS, { ...SMALL, start: '1', protection: '1' });
    expect(await answer('DELETE', `${VMS}/300`)).toBe("500 can't remove VM 300 - protection mode enabled");
    await centre.must('PUT', `${VMS}/300/config`, { protection: '0' });
    expect(await answer('DELETE', `${VMS}/300`)).toBe('500 VM 300 is running - destroy failed');
    await centre.must('POST', `${VMS}/300/status/stop`);
    await centre.must('POST', '/cluster/ha/resources', { sid: '300', state: 'ignored' });
    expect(await answer('DELETE', `${VMS}/300`)).toBe(
      '500 unable to remove VM 300 - used in HA resources and purge parameter not set.',
    );
    await centre.must('DELETE', `${VMS}/300`, { purge: '1', 'destroy-unreferenced-disks': '1' });
    expect(centre.proxmox.save()).toMatchObject({ guests: {}, volumes: [], ha: { resources: {} } });
    expect(readdirSync(join(centre.folder, 'local', 'pve1', 'images'))).toEqual([]);
  });

  test('answers for its agent only when that runs', async () => {
    await centre.must('POST', VMS, SMALL);
    const agent = () => answer('GET', `${VMS}/300/agent/network-get-interfaces`);
    expect(await agent()).toBe('500 No QEMU guest agent configured');
    await centre.must('PUT', `${VMS}/300/config`, { agent: '1' });
    expect(await agent()).toBe('500 VM 300 is not running');
    await centre.must('POST', `${VMS}/300/status/start`);
    expect(await agent()).toBe('500 QEMU guest agent is not running');
    const lo = { name: 'lo', 'hardware-address': '00:00:00:00:00:00', 'ip-addresses': [] };
    centre.hypervisor.agents.set(300, [lo]);
    expect(await centre.must('GET', `${VMS}/300/agent/network-get-interfaces`)).toEqual({ result: [lo] });
  });

  test('a cloud-init password is kept by nobody', async () => {
    await centre.must('POST', VMS, { ...SMALL, ide2: 'local:cloudinit', cipassword: 'open sesame' });
    expect(await centre.must('GET', `${VMS}/300/config`)).toMatchObject({ cipassword: '**********' });
    expect(JSON.stringify([centre.proxmox.save(), centre.proxmox.requests])).not.toContain('sesame');
  });
});
