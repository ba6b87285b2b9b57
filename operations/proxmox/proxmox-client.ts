import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** Where the API is, and who calls it. */
export interface ProxmoxAccess {
  /** As `https://atlas:8006/`. */
  readonly endpoint: string;
  /** `user@realm!name=secret`. */
  readonly token: string;
  /** True: the certificate is not verified. */
  readonly insecure: boolean;
}

/** An answer that is no good one. `status` is HTTP's; the message has Proxmox' own words. */
export class ProxmoxError extends Error {
  override readonly name = 'ProxmoxError';
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

type Form = Readonly<Record<string, string | number | boolean>>;
interface TaskStatus {
  readonly status: 'running' | 'stopped';
  readonly exitstatus?: string;
}

const POLL_MS = 1_000;

/**
 * The access of the Terraform provider: its environment variables PROXMOX_VE_ENDPOINT, PROXMOX_VE_API_TOKEN and
 * PROXMOX_VE_INSECURE, the first and the last only where they differ from the spec. NODE_EXTRA_CA_CERTS adds a CA.
 * @throws Error where there is no token; its value is in no message
 */
export const proxmoxAccess = (
  spec: Pick<ProxmoxAccess, 'endpoint' | 'insecure'>,
  environment: Readonly<Record<string, string | undefined>>,
): ProxmoxAccess => {
  const set = (name: string): string | undefined => environment[name] || undefined;
  const token = set('PROXMOX_VE_API_TOKEN');
  if (token === undefined || !/^[^!=]+@[^!=]+![^!=]+=\S+$/.test(token)) {
    const fact = token === undefined ? 'is not set' : 'is no API token';
    throw new Error(`PROXMOX_VE_API_TOKEN ${fact}; give it as user@realm!name=secret`);
  }
  const insecure = set('PROXMOX_VE_INSECURE');
  return {
    endpoint: set('PROXMOX_VE_ENDPOINT') ?? spec.endpoint,
    insecure: insecure === undefined ? spec.insecure : ['1', 'true'].includes(insecure.toLowerCase()),
    token,
  };
};

/** Proxmox VE's API with a token. */
export class ProxmoxClient {
  /** @param limitMs of each call, 10 s by default; a connection is part of it */
  constructor(
    private readonly access: ProxmoxAccess,
    private readonly limitMs = 10_000,
  ) {}

  get<Data>(path: string, query: Form = {}): Promise<Data> {
    return this.call('GET', path, query);
  }
  post<Data>(path: string, form: Form = {}): Promise<Data> {
    return this.call('POST', path, form);
  }
  put<Data>(path: string, form: Form = {}): Promise<Data> {
    return this.call('PUT', path, form);
  }
  delete<Data>(path: string, query: Form = {}): Promise<Data> {
    return this.call('DELETE', path, query);
  }

  /**
   * Resolves when a task has ended well; `upid` is what the call that started it gave.
   * @throws ProxmoxError with the task's own words where it has not, and after `limitMs`, 10 min by default
   */
  async finished(upid: string, limitMs = 600_000): Promise<void> {
    const node = upid.split(':')[1] ?? '';
    const end = performance.now() + limitMs;
    for (;;) {
      const { status, exitstatus } = await this.get<TaskStatus>(
        `/nodes/${node}/tasks/${encodeURIComponent(upid)}/status`,
      );
      if (status === 'stopped') {
        if (exitstatus === 'OK' || exitstatus?.startsWith('WARNINGS') === true) return;
        throw new ProxmoxError(`task ${upid}: ${exitstatus ?? 'ended without a status'}`, 500);
      }
      if (performance.now() > end) throw new ProxmoxError(`task ${upid} still runs after ${limitMs / 1000} s`, 504);
      await sleep(POLL_MS);
    }
  }

  /**
   * `data` of the answer. `path` is below /api2/json, as `/nodes`.
   * @throws ProxmoxError on any status but 200; Error where nobody answers in time
   */
  call<Data>(method: string, path: string, parameters: Form): Promise<Data> {
    const { endpoint, token, insecure } = this.access;
    const form = new URLSearchParams(
      Object.entries(parameters).map(([name, value]): [string, string] => [
        name,
        String(typeof value === 'boolean' ? Number(value) : value),
      ]),
    ).toString();
    const inQuery = method === 'GET' || method === 'DELETE';
    const url = new URL(`/api2/json${path}${inQuery && form !== '' ? `?${form}` : ''}`, endpoint);
    const send = url.protocol === 'http:' ? httpRequest : httpsRequest;
    return new Promise<Data>((resolve, reject) => {
      const sent = send(
        url,
        {
          ...{ method, agent: false, rejectUnauthorized: !insecure },
          headers: {
            Authorization: `PVEAPIToken=${token}`,
            ...(inQuery ? {} : { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': form.length }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('error', reject)
            .on('end', () => {
              const { statusCode = 0, statusMessage = '' } = response;
              const body = Buffer.concat(chunks).toString('utf8');
              const fail = (why: string): void =>
                reject(new ProxmoxError(`${method} ${path}: HTTP ${statusCode} ${why}`.trim(), statusCode));
              try {
                const parsed = JSON.parse(body || '{}') as { readonly data: Data; readonly errors?: object };
                if (statusCode === 200) resolve(parsed.data);
                else fail(`${statusMessage}${parsed.errors === undefined ? '' : ` ${JSON.stringify(parsed.errors)}`}`);
              } catch {
                // Proxmox says its error in the reason of the status line
                fail(statusMessage || body.slice(0, 200));
              }
            });
        },
      );
      const timer = setTimeout(
        () => sent.destroy(new Error(`no answer within ${this.limitMs / 1000} s`)),
        this.limitMs,
      );
      sent
        .on('error', (error) => reject(new Error(`${method} ${url.origin}/api2/json${path}: ${error.message}`)))
        .on('close', () => clearTimeout(timer))
        .end(inQuery ? undefined : form);
    });
  }
}
