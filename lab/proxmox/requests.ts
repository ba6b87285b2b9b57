import type { RawParameters } from './schema/validate';

/** A call as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface WireResponse {
  readonly status: number;
  /** HTTP reason phrase: Proxmox puts the error text here. */
  readonly reason: string;
  /** Undefined: no body, as for a refused authentication. */
  readonly body?: unknown;
}

/** A call that was answered, for assertions. Passwords are left out. */
export interface RecordedRequest {
  readonly method: string;
  /** Decoded, without `/api2/json` and query: `/nodes/pve1/qemu`. */
  readonly path: string;
  readonly parameters: RawParameters;
  /** User or token; undefined where nobody was authenticated. */
  readonly user: string | undefined;
  /** `<method> <template>` of the endpoint table; undefined where there is no such endpoint. */
  readonly endpoint: string | undefined;
  readonly status: number;
  readonly reason: string;
  /** `data` of the answer. */
  readonly data: unknown;
}

const SECRET = /^(password|cipassword|otp)$/;

export const withoutSecrets = (parameters: RawParameters): RawParameters =>
  Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, SECRET.test(key) ? '(sensitive)' : value]));

/** As pve-http-server does it (src/PVE/APIServer/AnyEvent.pm, decode_urlencoded): a key that comes twice is a list. */
export const parseForm = (text: string): RawParameters => {
  const parameters: Record<string, string | readonly string[]> = {};
  for (const [key, value] of new URLSearchParams(text.replaceAll(';', '&'))) {
    const before = parameters[key];
    parameters[key] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value];
  }
  return parameters;
};

/** Path without `/api2/json`, and its pieces: empty ones do not count; a volume id may hold a slash, encoded or not. */
export const splitPath = (url: string): { readonly path: string; readonly query: string } => {
  const [encoded = '', query = ''] = url.split('?');
  const path = decodeURIComponent(encoded).split('/').filter(Boolean);
  return { path: `/${path.join('/')}`, query };
};
