import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../errors';
import type { Major } from '../schema/schema';
import type { AclEntry } from './access-control';

export interface UserOptions {
  /** With realm, as `root@pam`. */
  readonly id: string;
  /** Without one nobody can log in as this user; tokens of it work. */
  readonly password?: string;
  readonly acl?: readonly AclEntry[];
}

export interface TokenOptions {
  /** With realm, as `terraform@pve`. */
  readonly user: string;
  /** As `groundwork`: together `terraform@pve!groundwork`. */
  readonly tokenId: string;
  readonly secret: string;
  /** False: the token may do all that its user may. @default true */
  readonly privilegeSeparation?: boolean;
  readonly acl?: readonly AclEntry[];
}

export interface Ticket {
  readonly username: string;
  readonly ticket: string;
  readonly CSRFPreventionToken: string;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Tickets are valid for two hours: pve-access-control src/PVE/AccessControl.pm, $ticket_lifetime. */
const TICKET_SECONDS = 7200;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const valueOf = (header: Headers[string], name: string): string | undefined => {
  const value = new RegExp(`(?:^|\\s)${name}(?:=| )([^;]*)`).exec(String(header ?? ''))?.[1];
  return value === undefined ? undefined : decodeURIComponent(value);
};

/** Who is calling: tokens, and tickets with their CSRF token (pve-manager PVE/HTTPServer.pm auth_handler). */
export class Authentication {
  readonly #passwords: ReadonlyMap<string, string | undefined>;
  readonly #tokens: ReadonlyMap<string, string>;
  readonly #tickets = new Map<string, { readonly username: string; readonly csrf: string; readonly until: number }>();

  constructor(
    private readonly major: Major,
    users: readonly UserOptions[],
    tokens: readonly TokenOptions[],
    private readonly now: () => number,
  ) {
    this.#passwords = new Map([
      ...tokens.map(({ user }) => [user, undefined] as const),
      ...users.map(({ id, password }) => [id, password] as const),
    ]);
    this.#tokens = new Map(tokens.map(({ user, tokenId, secret }) => [`${user}!${tokenId}`, secret]));
  }

  /** Since pve-manager 9.1.5 every fault has one text; before, each had its own. */
  #refused(detail: string): ApiError {
    return new ApiError(401, this.major === 9 ? 'Authentication failed!' : detail);
  }

  #token(credential: string): string {
    const [, id = '', secret = ''] = /^(.*)=(.*)$/.exec(credential) ?? [];
    const [user = '', name] = id.split('!');
    if (name === undefined) throw this.#refused('no tokenid specified');
    if (!this.#passwords.has(user)) throw this.#refused(`no such user ('${user}')`);
    const expected = this.#tokens.get(id);
    if (expected === undefined) throw this.#refused(`no such token '${name}' for user '${user}'`);
    if (!same(secret, expected)) throw this.#refused('invalid token value!');
    return id;
  }

  /** The user or token. @throws ApiError 401 */
  authenticate(method: string, headers: Headers): string {
    const ticket = valueOf(headers['cookie'], 'PVEAuthCookie') ?? valueOf(headers['authorization'], 'PVEAuthCookie');
    if (ticket !== undefined) {
      const known = this.#tickets.get(ticket);
      if (known === undefined || known.until < this.now())
        throw this.#refused('permission denied - invalid PVE ticket');
      if (method !== 'GET' && headers['csrfpreventiontoken'] !== known.csrf) {
        throw new ApiError(401, 'Permission denied - invalid csrf token');
      }
      return known.username;
    }
    const token = valueOf(headers['authorization'], 'PVEAPIToken');
    if (token === undefined) throw new ApiError(401, 'No ticket');
    return this.#token(token);
  }

  /** POST /access/ticket. @throws ApiError 401, which does not say what was wrong */
  login(username: string, password: string): Ticket {
    const expected = this.#passwords.get(username);
    if (expected === undefined || !same(password, expected)) throw new ApiError(401, 'authentication failure');
    const stamp = Math.floor(this.now() / 1000)
      .toString(16)
      .toUpperCase()
      .padStart(8, '0');
    const ticket = `PVE:${username}:${stamp}::${randomBytes(32).toString('base64')}`;
    const csrf = `${stamp}:${randomBytes(24).toString('base64url')}`;
    this.#tickets.set(ticket, { username, csrf, until: this.now() + TICKET_SECONDS * 1000 });
    return { username, ticket, CSRFPreventionToken: csrf };
  }
}
