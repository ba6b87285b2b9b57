import { createHash } from 'node:crypto';
import type { Clock } from '../../durations/clock';
import { failure } from '../errors';
import type { ClusterState, GuestConfig, GuestState } from '../state';

/** Waiting for a config's lock file: pve-guest-common src/PVE/AbstractConfig.pm lock_config. */
const LOCK_MS = 10_000;

/** The config files of all VMs, and their locks. */
export class Guests {
  /** Ends of the queues for the config locks. */
  readonly #locks = new Map<number, Promise<void>>();

  constructor(
    private readonly state: () => ClusterState,
    private readonly clock: Clock,
  ) {}

  all(): readonly GuestState[] {
    return Object.values(this.state().guests).sort((a, b) => a.vmid - b.vmid);
  }

  find(vmid: number): GuestState | undefined {
    return this.state().guests[String(vmid)];
  }

  /** @throws ApiError 500 where the host has no such VM */
  get(node: string, vmid: number): GuestState {
    const guest = this.find(vmid);
    if (guest?.node !== node)
      throw failure(`Configuration file 'nodes/${node}/qemu-server/${vmid}.conf' does not exist`);
    return guest;
  }

  /** Takes the id, and locks the config until the VM is complete. @throws ApiError 500 where it is taken */
  create(node: string, vmid: number): GuestState {
    const taken = this.find(vmid);
    if (taken !== undefined)
      throw failure(`unable to create VM ${vmid} - VM ${vmid} already exists on node '${taken.node}'`);
    const guest: GuestState = { vmid, node, config: { lock: 'create' } };
    this.state().guests[String(vmid)] = guest;
    return guest;
  }

  remove(vmid: number): void {
    Reflect.deleteProperty(this.state().guests, String(vmid));
  }

  /** Runs `work` while nothing else changes this VM. @throws ApiError 500 where the lock is not had in 10 s */
  async locked<T>(vmid: number, work: () => Promise<T> | T): Promise<T> {
    const before = this.#locks.get(vmid);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const tail = (before ?? Promise.resolve()).then(() => held);
    this.#locks.set(vmid, tail);
    try {
      if (before !== undefined) await this.#turn(vmid, before);
      return await work();
    } finally {
      release();
      if (this.#locks.get(vmid) === tail) this.#locks.delete(vmid);
    }
  }

  async #turn(vmid: number, before: Promise<void>): Promise<void> {
    const patience = new AbortController();
    const timeout = this.clock.sleep(LOCK_MS, patience.signal).then(() => {
      throw failure(`can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`);
    });
    timeout.catch(() => undefined);
    try {
      await Promise.race([before, timeout]);
    } finally {
      patience.abort();
    }
  }
}

/** @throws ApiError 500 `VM is locked (create)` */
export const checkLock = (config: GuestConfig): void => {
  if (config['lock'] !== undefined) throw failure(`VM is locked (${config['lock']})`);
};

/** @throws ApiError 500 `<what> - protection mode enabled` */
export const checkProtection = (config: GuestConfig, what: string): void => {
  if (config['protection'] === '1') throw failure(`${what} - protection mode enabled`);
};

const linesOf = (config: GuestConfig): string[] =>
  Object.keys(config)
    .sort()
    .map((key) => `${key}: ${config[key] ?? ''}\n`);

/** SHA1 of the config file's text. */
export const digestOf = ({ config, pending }: Pick<GuestState, 'config' | 'pending'>): string => {
  const waiting = pending === undefined ? [] : ['[PENDING]\n', `delete: ${pending.deleted.join(',')}\n`];
  const lines = [...linesOf(config), ...waiting, ...linesOf(pending?.set ?? {})];
  return createHash('sha1').update(lines.join('')).digest('hex');
};
