import { ApiError, forbidden } from '../errors';
import type { Check, Major } from '../schema/schema';
import { builtInRoles, privilegesOf } from './privileges';

/** One line of Proxmox' access control list. */
export interface AclEntry {
  /** As `/vms`, `/storage/local`, `/nodes/pve1`, `/sdn/zones/localnetwork/vmbr0`, `/pool/talos`, `/`. */
  readonly path: string;
  /** Name of a role of Proxmox' own, or the privileges of one that was made for the purpose. */
  readonly role: string | readonly string[];
  /** @default true - holds for everything below the path too */
  readonly propagate?: boolean;
}

/** A user or, as `user@realm!name`, a token. */
export interface Principal {
  readonly id: string;
  /** Tokens: false gives the token all that its user may. @default true */
  readonly privilegeSeparation?: boolean;
  readonly acl?: readonly AclEntry[];
}

interface Pool {
  readonly vms: readonly number[];
  readonly storage: readonly string[];
}

/** Privilege and whether it holds below the path too. */
type Privileges = ReadonlyMap<string, boolean>;

const ROOT = 'root@pam';

/** `/a//b/` as `/a/b`. */
const normalize = (path: string): string => `/${path.split('/').filter(Boolean).join('/')}`;

/**
 * Who may do what where: pve-access-control src/PVE/RPCEnvironment.pm and AccessControl.pm. The nearest entry
 * on the way from `/` to the path replaces what was granted above it; a pool's entries hold for its members.
 */
export class AccessControl {
  readonly #known: ReadonlySet<string>;
  readonly #roles: Readonly<Record<string, readonly string[]>>;
  readonly #principals = new Map<string, { readonly privilegeSeparation: boolean; acl: AclEntry[] }>();

  /** @throws Error where an entry names a role or privilege that this version does not know */
  constructor(
    major: Major,
    principals: readonly Principal[],
    private readonly pools: () => Readonly<Record<string, Pool>>,
  ) {
    this.#known = privilegesOf(major);
    this.#roles = builtInRoles(major);
    for (const { id, privilegeSeparation = true, acl = [] } of [{ id: ROOT }, ...principals]) {
      for (const { role } of acl) this.#privilegesOf(role);
      this.#principals.set(id, {
        privilegeSeparation,
        acl: acl.map((entry) => ({ ...entry, path: normalize(entry.path) })),
      });
    }
  }

  #privilegesOf(role: string | readonly string[]): readonly string[] {
    if (typeof role === 'string') {
      const privileges = this.#roles[role];
      if (privileges === undefined) throw new Error(`role '${role}' does not exist`);
      return privileges;
    }
    for (const privilege of role) if (!this.#known.has(privilege)) throw new Error(`invalid privilege '${privilege}'`);
    return role;
  }

  /** Entries that hold at `path`: those of its nearest ancestor that has any. */
  #entriesAt(id: string, path: string): readonly AclEntry[] {
    const acl = this.#principals.get(id)?.acl ?? [];
    const steps = path.split('/').filter(Boolean);
    let held: readonly AclEntry[] = [];
    for (let depth = 0; depth <= steps.length; depth += 1) {
      const here = normalize(steps.slice(0, depth).join('/'));
      const entries = acl.filter(
        (entry) => entry.path === here && (depth === steps.length || entry.propagate !== false),
      );
      if (entries.length > 0) held = entries;
    }
    return held;
  }

  #poolEntries(id: string, path: string): readonly AclEntry[] {
    const [, kind, name = ''] = path.split('/');
    return Object.entries(this.pools()).flatMap(([pool, { vms, storage }]) =>
      (kind === 'vms' && vms.includes(Number(name))) || (kind === 'storage' && storage.includes(name))
        ? this.#entriesAt(id, `/pool/${pool}`).map((entry) => ({ ...entry, propagate: false }))
        : [],
    );
  }

  #granted(id: string, path: string): Privileges {
    const granted = new Map<string, boolean>();
    const entries = [...this.#entriesAt(id, path), ...this.#poolEntries(id, path)];
    if (entries.some(({ role }) => role === 'NoAccess')) return granted;
    for (const { role, propagate = true } of entries) {
      for (const privilege of this.#privilegesOf(role))
        granted.set(privilege, (granted.get(privilege) ?? false) || propagate);
    }
    return granted;
  }

  /** What a user or token may do at a path. */
  permissions(id: string, path: string): Privileges {
    if (id === ROOT) return new Map([...this.#known].map((privilege) => [privilege, true]));
    const [user = '', token] = id.split('!');
    if (token === undefined) return this.#granted(id, path);
    const owner = this.permissions(user, path);
    if (this.#principals.get(id)?.privilegeSeparation === false) return owner;
    const own = this.#granted(id, path);
    return new Map(
      [...own].flatMap(([privilege, below]) =>
        owner.has(privilege) ? [[privilege, below && owner.get(privilege) === true]] : [],
      ),
    );
  }

  may(id: string, path: string, ...privileges: readonly string[]): boolean {
    const held = this.permissions(id, normalize(path));
    return privileges.every((privilege) => held.has(privilege));
  }

  mayAny(id: string, path: string, ...privileges: readonly string[]): boolean {
    const held = this.permissions(id, normalize(path));
    return privileges.some((privilege) => held.has(privilege));
  }

  /** @throws ApiError 403 `Permission check failed (<path>, <privilege>)` with the first that is missing */
  check(id: string, path: string, ...privileges: readonly string[]): void {
    const missing = privileges.find((privilege) => !this.may(id, path, privilege));
    if (missing !== undefined) throw forbidden(`${path}, ${missing}`);
  }

  /** @throws ApiError 403 with all of the privileges where none is held */
  checkAny(id: string, path: string, ...privileges: readonly string[]): void {
    if (!this.mayAny(id, path, ...privileges)) throw forbidden(`${path}, ${privileges.join('|')}`);
  }

  /** Privileges on a VM may also come from the pool that it is being made in. */
  checkVm(id: string, vmid: number, pool: string | undefined, ...privileges: readonly string[]): void {
    if (pool !== undefined && this.may(id, `/pool/${pool}`, ...privileges)) return;
    this.check(id, `/vms/${vmid}`, ...privileges);
  }

  checkVmAny(id: string, vmid: number, pool: string | undefined, ...privileges: readonly string[]): void {
    if (pool !== undefined && this.mayAny(id, `/pool/${pool}`, ...privileges)) return;
    this.checkAny(id, `/vms/${vmid}`, ...privileges);
  }

  /** `check_perm_modify`: who may put something into a pool. */
  checkModify(id: string, path: string): void {
    const more = path.startsWith('/vms/') ? 'VM.Allocate' : 'Datastore.Allocate';
    this.checkAny(id, path, 'Permissions.Modify', more);
  }

  /** Evaluates an expression of the API schema. @throws ApiError 403 */
  evaluate(check: Check, id: string, parameters: Readonly<Record<string, string | readonly string[]>>): void {
    const [kind, ...rest] = check;
    if (kind === 'and') {
      for (const part of rest) this.evaluate(part as Check, id, parameters);
    } else if (kind === 'or') {
      const holds = (part: unknown): boolean => {
        try {
          this.evaluate(part as Check, id, parameters);
          return true;
        } catch (error) {
          if (error instanceof ApiError) return false;
          throw error;
        }
      };
      if (!rest.some(holds)) throw forbidden();
    } else if (kind === 'perm') {
      const [template, privileges, ...options] = rest as [string, readonly string[], ...unknown[]];
      const path = normalize(template.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name] ?? '')));
      if (options.includes('any')) this.checkAny(id, path, ...privileges);
      else this.check(id, path, ...privileges);
    } else {
      throw new Error(`permission test '${String(kind)}' is not simulated`);
    }
  }

  /** Every path where `id` may do something, as GET /access/permissions lists them. */
  effective(id: string): Record<string, Record<string, 0 | 1>> {
    const members = Object.values(this.pools()).flatMap(({ vms, storage }) => [
      ...vms.map((vmid) => `/vms/${vmid}`),
      ...storage.map((name) => `/storage/${name}`),
    ]);
    const listed = [...this.#principals.values()].flatMap(({ acl }) => acl.map(({ path }) => path));
    const top = ['/', '/access', '/access/groups', '/nodes', '/pool', '/sdn', '/storage', '/vms'];
    const paths = [...new Set([...top, ...listed, ...members])].sort();
    return Object.fromEntries(
      paths
        .map((path) => [path, this.permissions(id, path)] as const)
        .filter(([, held]) => held.size > 0)
        .map(([path, held]) => [
          path,
          Object.fromEntries([...held].map(([privilege, below]) => [privilege, below ? 1 : 0] as const)),
        ]),
    );
  }

  /** Entries on a VM go with the VM (`remove_vm_access`). */
  forget(path: string): void {
    for (const principal of this.#principals.values())
      principal.acl = principal.acl.filter((entry) => entry.path !== path);
  }
}
