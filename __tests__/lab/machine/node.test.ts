import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { NodeServiceError } from '../../../lab/control-plane/node-services';
import { MachineClient, type Headers } from './machine-client';
import { createMachineSecrets, type MachineSecrets } from './machine-secrets';
import { RehearsedMachine } from './rehearsed-machine';

jest.setTimeout(30_000);

const MACHINE = '/machine.MachineService';
const CONTROL_PLANE = '127.72.0.1';
const OTHER = '127.72.0.2';
const WORKER = '127.72.0.3';
const NOBODY = '127.72.0.9';

describe('machines with a config', () => {
  const machines: RehearsedMachine[] = [];
  const clients: MachineClient[] = [];
  let secrets: MachineSecrets;

  const add = async (address: string, type: 'controlplane' | 'worker', hostname: string): Promise<RehearsedMachine> => {
    const machine = new RehearsedMachine({ address, hostname });
    await machine.machine.boot();
    const anonymous = new MachineClient(address);
    const data = Buffer.from(secrets.config({ address, type, hostname, endpoint: CONTROL_PLANE }));
    await anonymous.call(`${MACHINE}/ApplyConfiguration`, { data, mode: 'AUTO' });
    anonymous.close();
    machines.push(machine);
    return machine;
  };
  const clientOf = async (address: string, ...roles: string[]): Promise<MachineClient> => {
    const client = new MachineClient(address, await secrets.client(...roles));
    clients.push(client);
    return client;
  };
  /** A client of a machine whose secure API is up. */
  const ready = async (address: string, ...roles: string[]): Promise<MachineClient> => {
    return (await clientOf(address, ...roles)).ready();
  };

  beforeAll(async () => {
    secrets = await createMachineSecrets();
    await add(CONTROL_PLANE, 'controlplane', 'controlplane0');
    await add(OTHER, 'controlplane', 'controlplane1');
    await add(WORKER, 'worker', 'worker0');
    for (const address of [CONTROL_PLANE, OTHER, WORKER]) await ready(address, 'os:admin');
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    for (const machine of machines) await machine.close();
  });
  const at = (index: number): RehearsedMachine => {
    const machine = machines[index];
    if (machine === undefined) throw new Error(`no machine ${index}`);
    return machine;
  };

  test('nobody gets in without a certificate of the machine CA', async () => {
    const anonymous = new MachineClient(CONTROL_PLANE);
    const strange = await createMachineSecrets();
    const stranger = new MachineClient(CONTROL_PLANE, { ...(await strange.client('os:admin')), ca: secrets.ca });
    clients.push(anonymous, stranger);
    expect(await anonymous.refusal('/storage.StorageService/Disks')).toMatch(/^14 /);
    expect(await stranger.refusal('/storage.StorageService/Disks')).toMatch(/^14 /);
  });

  test.each([
    ['os:admin', { Version: '0', EtcdMemberList: '0', Kubeconfig: '0', EtcdSnapshot: '0' }],
    [
      'os:operator',
      {
        Version: '0',
        EtcdMemberList: '0',
        Kubeconfig: '7 not authorized',
        Read: '7 not authorized',
        EtcdSnapshot: '0',
      },
    ],
    [
      'os:reader',
      {
        Version: '0',
        EtcdMemberList: '0',
        Kubeconfig: '7 not authorized',
        Reboot: '7 not authorized',
        EtcdSnapshot: '7 not authorized',
      },
    ],
    [
      'os:etcd:backup',
      {
        Version: '7 not authorized',
        EtcdMemberList: '0',
        Kubeconfig: '7 not authorized',
        Bootstrap: '7 not authorized',
        EtcdSnapshot: '0',
      },
    ],
    ['os:nobody', { Version: '7 not authorized', EtcdMemberList: '7 not authorized', Events: '7 not authorized' }],
  ])('%s may call what its role allows', async (role, answers) => {
    const client = await clientOf(CONTROL_PLANE, role);
    for (const [method, answer] of Object.entries(answers))
      expect([method, await client.refusal(`${MACHINE}/${method}`)]).toEqual([method, answer]);
  });

  test('a reader sees no machine config, and changes none', async () => {
    const reader = await clientOf(CONTROL_PLANE, 'os:reader');
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    const request = { namespace: 'config', type: 'MachineConfigs.config.talos.dev', id: 'v1alpha1' };
    expect(await reader.refusal('/cosi.resource.State/Get', request)).toBe('7 not authorized');
    expect(await reader.refusal(`${MACHINE}/ApplyConfiguration`, { data: Buffer.from('x'), mode: 'AUTO' })).toBe(
      '7 not authorized',
    );
    const { resource } = await admin.call('/cosi.resource.State/Get', request);
    const text = secrets.config({ address: CONTROL_PLANE, endpoint: CONTROL_PLANE });
    expect((resource as { spec: { yaml_spec: string } }).spec.yaml_spec).toBe(text);
  });

  describe('node and nodes', () => {
    const messages = async (client: MachineClient, method: string, headers: Headers): Promise<unknown> =>
      (await client.call(`${MACHINE}/${method}`, {}, headers))['messages'];

    test('one node: the reply is passed on as it is', async () => {
      const admin = await clientOf(CONTROL_PLANE, 'os:admin');
      expect(await messages(admin, 'Hostname', { node: OTHER })).toEqual([
        { metadata: null, hostname: 'controlplane1' },
      ]);
      expect(await messages(admin, 'Hostname', { node: WORKER })).toEqual([{ metadata: null, hostname: 'worker0' }]);
    });

    test('many nodes: replies are merged in order, each with the address as it was sent', async () => {
      const admin = await clientOf(CONTROL_PLANE, 'os:admin');
      for (const nodes of [[CONTROL_PLANE, OTHER, WORKER], `${CONTROL_PLANE}, ${OTHER}, ${WORKER}`])
        expect(await messages(admin, 'Hostname', { nodes })).toEqual([
          { metadata: { hostname: CONTROL_PLANE, error: '', status: null }, hostname: 'controlplane0' },
          { metadata: { hostname: OTHER, error: '', status: null }, hostname: 'controlplane1' },
          { metadata: { hostname: WORKER, error: '', status: null }, hostname: 'worker0' },
        ]);
    });

    test('a node that fails, or is not there, answers with its error among the others', async () => {
      const admin = await clientOf(CONTROL_PLANE, 'os:admin');
      expect(await messages(admin, 'EtcdMemberList', { nodes: [OTHER, WORKER, NOBODY] })).toMatchObject([
        {
          metadata: { hostname: OTHER, error: '' },
          members: [{ id: '17894563214568795412', hostname: 'controlplane0' }],
        },
        {
          metadata: {
            hostname: WORKER,
            error: 'rpc error: code = Unimplemented desc = member list is only available on control plane nodes',
            status: { code: 12, message: 'member list is only available on control plane nodes' },
          },
        },
        { metadata: { hostname: NOBODY, status: { code: 14 } } },
      ]);
    });

    test('the caller keeps its role on the way', async () => {
      const reader = await clientOf(CONTROL_PLANE, 'os:reader');
      expect(await reader.refusal(`${MACHINE}/Reset`, {}, { node: WORKER })).toBe('7 not authorized');
      expect(await messages(reader, 'Reset', { nodes: [OTHER] })).toMatchObject([
        {
          metadata: {
            hostname: OTHER,
            error: 'rpc error: code = PermissionDenied desc = not authorized',
            status: { code: 7 },
          },
        },
      ]);
    });

    test('streams carry the node in every message', async () => {
      const admin = await clientOf(CONTROL_PLANE, 'os:admin');
      expect(await admin.collect(`${MACHINE}/EtcdSnapshot`, {}, { nodes: [OTHER] })).toEqual([
        { metadata: { hostname: OTHER, error: '', status: null }, bytes: Buffer.from('snap') },
        { metadata: { hostname: OTHER, error: '', status: null }, bytes: Buffer.from('shot') },
      ]);
      expect(await admin.collect(`${MACHINE}/Kubeconfig`, {}, { nodes: [WORKER] })).toMatchObject([
        {
          metadata: {
            hostname: WORKER,
            error: 'rpc error: code = Unimplemented desc = kubeconfig is only available on control plane nodes',
          },
        },
      ]);
    });

    test.each<[string, Headers, string]>([
      ['two values of node', { node: [CONTROL_PLANE, OTHER] }, '3 node metadata must be single-valued'],
      [
        'resources of many',
        { nodes: [CONTROL_PLANE] },
        '3 one-2-many proxying is not supported for method /cosi.resource.State/Get',
      ],
    ])('%s are refused', async (_what, headers, answer) => {
      const admin = await clientOf(CONTROL_PLANE, 'os:admin');
      const request = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };
      expect(await admin.refusal('/cosi.resource.State/Get', request, headers)).toBe(answer);
    });

    test('an address with a port is no node', async () => {
      const admin = await clientOf(CONTROL_PLANE, 'os:admin');
      expect(await admin.refusal(`${MACHINE}/Version`, {}, { node: `${OTHER}:50000` })).toBe(
        `13 invalid target "${OTHER}:50000"`,
      );
    });

    test('a worker passes nothing on, but answers for itself', async () => {
      const admin = await clientOf(WORKER, 'os:admin');
      expect(await admin.refusal(`${MACHINE}/Version`, {}, { node: CONTROL_PLANE })).toBe('7 no request forwarding');
      expect(await admin.refusal(`${MACHINE}/Version`, {}, { nodes: [WORKER, CONTROL_PLANE] })).toBe(
        '7 no request forwarding',
      );
      expect(await messages(admin, 'Hostname', { node: WORKER })).toEqual([{ metadata: null, hostname: 'worker0' }]);
      expect(await messages(admin, 'Hostname', { nodes: [WORKER] })).toEqual([{ metadata: null, hostname: 'worker0' }]);
    });
  });

  test('bootstrap: once, then never again; not on a worker', async () => {
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    expect(await admin.refusal(`${MACHINE}/Bootstrap`)).toBe('0');
    expect(await admin.refusal(`${MACHINE}/Bootstrap`)).toBe('6 etcd data directory is not empty');
    expect(at(0).services.calls).toContain('bootstrap {"recoverEtcd":false,"recoverSkipHashCheck":false}');
    expect(await admin.refusal(`${MACHINE}/Bootstrap`, {}, { node: WORKER })).toBe(
      '12 bootstrap is only available on control plane nodes',
    );
  });

  test('once etcd runs the machine is running and ready, and whoever watches learns of it', async () => {
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    const request = {
      namespace: 'runtime',
      type: 'MachineStatuses.runtime.talos.dev',
      id: 'machine',
      options: {},
      api_version: 1,
    };
    for (let tries = 0; tries < 100 && at(0).machine.status.stage !== 'RUNNING'; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const [first, second] = await admin.collect('/cosi.resource.State/Watch', request, {}, 2);
    expect(first).toEqual({ event: [] });
    expect(second).toMatchObject({
      event: [{ event_type: 'CREATED', resource: { spec: { proto_spec: Buffer.from('080412020801', 'hex') } } }],
    });
    const { messages } = (await admin.call(`${MACHINE}/ServiceList`)) as {
      messages: { services: { id: string; state: string }[] }[];
    };
    expect(messages[0]?.services.map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...['apid Running', 'auditd Running', 'cri Running', 'etcd Running', 'kubelet Running', 'machined Running'],
      ...['syslogd Running', 'trustd Running', 'udevd Running'],
    ]);
  });

  test('a machine that waits for bootstrap says so', async () => {
    const admin = await clientOf(OTHER, 'os:admin');
    const request = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };
    for (let tries = 0; tries < 100 && at(1).machine.status.unmet.length === 0; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const { resource } = await admin.call('/cosi.resource.State/Get', request);
    expect((resource as { spec: { yaml_spec: string } }).spec.yaml_spec).toBe(
      'stage: booting\nstatus:\n    ready: false\n',
    );
    expect(at(1).machine.status.unmet).toEqual([{ name: 'services', reason: 'etcd not running' }]);
  });

  test('the kubeconfig comes as one regular file in a tar.gz', async () => {
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    const chunks = await admin.collect(`${MACHINE}/Kubeconfig`);
    const archive = extract();
    archive.end(gunzipSync(Buffer.concat(chunks.map(({ bytes }) => bytes as Buffer))));
    const files: [string, string | null | undefined, string][] = [];
    for await (const entry of archive) {
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      files.push([entry.header.name, entry.header.type, Buffer.concat(parts).toString()]);
    }
    expect(files).toEqual([['kubeconfig', 'file', 'apiVersion: v1\nkind: Config\n']]);
  });

  test('what health checks ask for is there', async () => {
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    expect((await admin.call(`${MACHINE}/Memory`))['messages']).toMatchObject([{ meminfo: { memtotal: '4110417' } }]);
    expect((await admin.call(`${MACHINE}/Mounts`))['messages']).toMatchObject([
      {
        stats: [{ mounted_on: '/system/state' }, { filesystem: '/dev/sda6', mounted_on: '/var', size: '41689284608' }],
      },
    ]);
    expect((await admin.call('/storage.StorageService/Disks'))['messages']).toMatchObject([
      { disks: [{ device_name: '/dev/sda', size: '42949672960', system_disk: true }] },
    ]);
    const list = async (namespace: string, type: string): Promise<unknown[]> =>
      (await admin.collect('/cosi.resource.State/List', { namespace, type })).map(
        ({ resource }) => (resource as { metadata: { id: string } }).metadata.id,
      );
    expect(await list('runtime', 'Diagnostics.runtime.talos.dev')).toEqual([]);
    expect(await list('runtime', 'MountStatuses.runtime.talos.dev')).toEqual(['STATE', 'EPHEMERAL']);
    expect(await list('runtime', 'VolumeStatuses.block.talos.dev')).toEqual(['STATE', 'EPHEMERAL']);
    expect(await list('k8s', 'StaticPodStatuses.kubernetes.talos.dev')).toEqual([
      'kube-system/kube-apiserver-controlplane0',
    ]);
    const cni = { namespace: 'controlplane', type: 'BootstrapManifestsConfigs.kubernetes.talos.dev', id: 'manifests' };
    const { resource } = await admin.call('/cosi.resource.State/Get', cni);
    expect((resource as { spec: { proto_spec: Buffer } }).spec.proto_spec.toString('hex')).toBe('aa01046e6f6e65');
  });

  test('Read gives what the partitions hold, and another boot id on every machine', async () => {
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    const path = '/proc/sys/kernel/random/boot_id';
    const [mine] = await admin.collect(`${MACHINE}/Read`, { path });
    const [theirs] = await admin.collect(`${MACHINE}/Read`, { path }, { node: OTHER });
    expect((mine as { bytes: Buffer }).bytes.toString()).toMatch(/^[0-9a-f-]{36}\n$/);
    expect(theirs).not.toEqual(mine);
    const [config] = await admin.collect(`${MACHINE}/Read`, { path: '/system/state/config.yaml' });
    expect((config as { bytes: Buffer }).bytes.toString()).toBe(
      secrets.config({ address: CONTROL_PLANE, endpoint: CONTROL_PLANE }),
    );
    for (const path of ['/etc/passwd', '/system/state/../../etc/passwd'])
      expect(await admin.refusal(`${MACHINE}/Read`, { path })).toBe(`5 stat ${path}: no such file or directory`);
  });

  test('events: an empty one first, then what is asked of the past', async () => {
    const admin = await clientOf(CONTROL_PLANE, 'os:admin');
    const [hello, next] = await admin.collect(`${MACHINE}/Events`, { tail_events: -1 }, {}, 2);
    expect(hello).toMatchObject({
      data: { type_url: '', value: Buffer.alloc(0) },
      id: expect.stringMatching(/^[0-9a-v]{20}$/) as string,
    });
    expect(next).toMatchObject({ data: { type_url: 'talos/runtime/machine.MachineStatusEvent' } });
  });

  test('errors of the services come with their codes', async () => {
    const admin = await clientOf(OTHER, 'os:admin');
    at(1).services.leaveFault = new NodeServiceError('UNAVAILABLE', 'etcd has no leader');
    expect(await admin.refusal(`${MACHINE}/EtcdLeaveCluster`)).toBe('14 etcd has no leader');
    expect(await admin.refusal(`${MACHINE}/EtcdRemoveMemberByID`, { member_id: '17894563214568795412' })).toBe('0');
    expect(at(1).services.calls).toContain('remove 17894563214568795412');
  });
});
