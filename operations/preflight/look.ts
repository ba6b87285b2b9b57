import type { ProxmoxClient } from '../proxmox/proxmox-client';

/** What preflight may do to Proxmox: read. */
export type Reader = Pick<ProxmoxClient, 'get'>;

/** An answer, or why there is none. */
export type Look<Data> = { readonly data: Data } | { readonly why: string };

/** Asks; a refusal or a silence is an answer too. */
export const look = async <Data>(reader: Reader, path: string, query = {}): Promise<Look<Data>> => {
  try {
    return { data: await reader.get<Data>(path, query) };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
};

/** Privileges of the token at a path; the value is 1 where they hold below it too. */
export type Held = Readonly<Record<string, 0 | 1>>;

/** GET /access/permissions: anybody may ask for their own. */
export const heldAt = async (reader: Reader, path: string): Promise<Look<Held>> => {
  const answer = await look<Readonly<Record<string, Held>>>(reader, '/access/permissions', { path });
  return 'why' in answer ? answer : { data: answer.data[path] ?? {} };
};

/** True where the token is known to hold one of the privileges at the path; an unknown is none. */
export const mayAny = async (reader: Reader, path: string, ...privileges: readonly string[]): Promise<boolean> => {
  const held = await heldAt(reader, path);
  return 'data' in held && privileges.some((privilege) => privilege in held.data);
};

/** A host as GET /nodes lists it; memory in bytes is for those who have Sys.Audit on it. */
export interface HostEntry {
  readonly node: string;
  readonly status: string;
  readonly mem?: number;
  readonly maxmem?: number;
}

/** True where the host is known to be there and to answer. */
export const isOnline = (name: string, hosts: Look<readonly HostEntry[]>): boolean =>
  'data' in hosts && hosts.data.some(({ node, status }) => node === name && status === 'online');

/** A VM or container as GET /cluster/resources lists it. */
export interface GuestEntry {
  readonly vmid: number;
  readonly node: string;
  readonly name?: string;
  readonly type: string;
  readonly status: string;
  /** Separated by `;`. */
  readonly tags?: string;
}
