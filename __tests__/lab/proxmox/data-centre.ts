import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AclEntry } from '../../../lab/proxmox/access/access-control';
import type { TokenOptions } from '../../../lab/proxmox/access/authentication';
import type { Proxmox, ProxmoxOptions } from '../../../lab/proxmox/proxmox';
import type { WireResponse } from '../../../lab/proxmox/requests';
import { startProxmox } from '../../../lab/proxmox/server';
import { selfSigned } from '../../setup/certificate';
import { type FakeHypervisor, fakeHypervisor } from './fake-hypervisor';
import { memoryFactory } from './images';

const GIB = 1024 ** 3;
export const ROOT_TOKEN = 'root@pam!lab=11111111-2222-3333-4444-555555555555';
export const DEPLOY_TOKEN = 'groundwork@pve!deploy=66666666-7777-8888-9999-000000000000';

/** O-6: what a deploy needs, and no more. */
export const LEAST_PRIVILEGES: readonly AclEntry[] = [
  { path: '/storage/local', role: ['Datastore.AllocateTemplate', 'Datastore.Audit', 'Datastore.Allocate'] },
  { path: '/storage/local-lvm', role: ['Datastore.AllocateSpace', 'Datastore.Audit'] },
  { path: '/nodes/pve1', role: ['Sys.AccessNetwork'] },
  {
    path: '/vms',
    role: [
      ...['VM.Allocate', 'VM.Audit', 'VM.PowerMgmt'],
      ...['Disk', 'CPU', 'Memory', 'Network', 'HWType', 'Options'].map((name) => `VM.Config.${name}`),
    ],
  },
  { path: '/sdn/zones/localnetwork/vmbr0', role: ['SDN.Use'] },
];

export const token = (credential: string, acl: readonly AclEntry[] | undefined): TokenOptions => {
  const [id = '', secret = ''] = credential.split('=');
  const [user = '', tokenId = ''] = id.split('!');
  return { user, tokenId, secret, ...(acl === undefined ? { privilegeSeparation: false } : { acl }) };
};

export interface DataCentre {
  readonly proxmox: Proxmox;
  readonly hypervisor: FakeHypervisor;
  readonly folder: string;
  readonly certificate: string;
  /** A call as root, without the wire: method, path, form. */
  readonly call: (
    method: string,
    path: string,
    form?: Readonly<Record<string, string>>,
    credential?: string,
  ) => Promise<WireResponse>;
  /** `data` of a call that must succeed; a task is waited for, and must end well. */
  readonly must: (method: string, path: string, form?: Readonly<Record<string, string>>) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

let certificate: Awaited<ReturnType<typeof selfSigned>> | undefined;

/** Two hosts with a local and a thin storage each, and one that they share. */
export const dataCentre = async (options: Partial<ProxmoxOptions> = {}): Promise<DataCentre> => {
  certificate ??= await selfSigned();
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-'));
  const hypervisor = fakeHypervisor();
  const proxmox = await startProxmox({
    listen: { host: '127.0.0.1', port: 0 },
    tls: certificate,
    hosts: [
      { name: 'pve1', address: '127.0.0.1' },
      { name: 'pve2', address: '127.0.0.2' },
    ],
    bridges: ['vmbr0'],
    storages: [
      {
        name: 'local',
        type: 'dir',
        content: ['import', 'iso', 'snippets', 'images'],
        shared: false,
        path: join(folder, 'local'),
        sizeBytes: 100 * GIB,
      },
      {
        name: 'local-lvm',
        type: 'lvmthin',
        content: ['images'],
        shared: false,
        path: join(folder, 'lvm'),
        sizeBytes: 500 * GIB,
      },
      {
        name: 'nas',
        type: 'nfs',
        content: ['images', 'import'],
        shared: true,
        path: join(folder, 'nas'),
        sizeBytes: 500 * GIB,
      },
    ],
    users: [
      { id: 'root@pam', password: 'correct horse' },
      { id: 'groundwork@pve', acl: LEAST_PRIVILEGES },
    ],
    tokens: [token(ROOT_TOKEN, undefined), token(DEPLOY_TOKEN, LEAST_PRIVILEGES)],
    pools: ['talos'],
    hypervisor,
    remote: memoryFactory(),
    ...options,
  });
  const call: DataCentre['call'] = (method, path, form, credential = ROOT_TOKEN) => {
    const text = new URLSearchParams(form).toString();
    const inQuery = method === 'GET' || method === 'DELETE';
    return proxmox.inject({
      method,
      url: `/api2/json${path}${inQuery && text !== '' ? `?${text}` : ''}`,
      headers: { authorization: `PVEAPIToken=${credential}` },
      body: inQuery ? '' : text,
    });
  };
  const must: DataCentre['must'] = async (method, path, form) => {
    const { status, reason, body } = await call(method, path, form);
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${reason}`);
    const { data } = body as { data: unknown };
    if (typeof data === 'string' && data.startsWith('UPID:')) {
      await proxmox.idle();
      const task = proxmox.snapshot().tasks.at(-1);
      if (task?.exitstatus !== 'OK') throw new Error(`${method} ${path}: ${task?.exitstatus ?? 'no task'}`);
    }
    return data;
  };
  const close = async (): Promise<void> => {
    await proxmox.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { proxmox, hypervisor, folder, certificate: certificate.cert, call, must, close };
};
