import { request } from 'node:https';
import type { KubernetesIdentity } from './kubeconfig';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** An answer that is none of the good ones. `status` is HTTP's. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export interface CallOptions {
  readonly body?: object | string;
  /** @default 'application/json' */
  readonly contentType?: string;
  /** Asked in place of the kubeconfig's server, as an address of a control plane; the port stays. */
  readonly host?: string;
}

/** Kubernetes says in `message` of a Status what is wrong. */
const wordsOf = (body: string): string => {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Not every proxy answers with a Status
  }
  return body.trim().slice(0, 200);
};

/**
 * An API server, by a connection of its own for each call: an answer is one of whoever has the address now.
 * `@kubernetes/client-node` is ESM only, which Jest can't load from CommonJS, and 2.0 does not load on Node 20.
 */
export class KubernetesClient {
  /** @param limitMs of each call, 10 s by default; a connection is part of it */
  constructor(
    private readonly identity: KubernetesIdentity,
    private readonly limitMs = 10_000,
  ) {}

  get server(): URL {
    return this.identity.server;
  }

  /** @throws KubernetesError unless the answer is a good one; Error where nobody answers in time */
  async get<Answered>(path: string, options: CallOptions = {}): Promise<Answered> {
    return JSON.parse(await this.text('GET', path, options)) as Answered;
  }

  /** As `get`, and undefined where there is no such object. */
  async find<Answered>(path: string): Promise<Answered | undefined> {
    const { status, body } = await this.call('GET', path);
    if (status === 404) return undefined;
    return JSON.parse(this.good('GET', path, { status, body })) as Answered;
  }

  /** Server-side apply of one object, taking fields over from other managers; `path` is that of the object. */
  async apply(path: string, object: object, manager = 'groundwork'): Promise<void> {
    const contentType = 'application/apply-patch+yaml';
    await this.text('PATCH', `${path}?fieldManager=${manager}&force=true`, { body: object, contentType });
  }

  /** Merge patch, as of `{ spec: { unschedulable: true } }`. */
  async patch(path: string, change: object): Promise<void> {
    await this.text('PATCH', path, { body: change, contentType: 'application/merge-patch+json' });
  }

  /** An object that is gone already is no error. */
  async delete(path: string): Promise<void> {
    const answer = await this.call('DELETE', path);
    if (answer.status !== 404) this.good('DELETE', path, answer);
  }

  /** False where a disruption budget forbids it just now (429): ask again later. A pod that is gone is true. */
  async evict(namespace: string, name: string): Promise<boolean> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
    const answer = await this.call('POST', path, { body });
    if (answer.status === 429) return false;
    if (answer.status !== 404) this.good('POST', path, answer);
    return true;
  }

  /** @throws as `get` */
  async text(method: string, path: string, options: CallOptions = {}): Promise<string> {
    return this.good(method, path, await this.call(method, path, options));
  }

  /** Any answer is one. @throws Error where there is none in time */
  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { ca, certificate, key, server } = this.identity;
    const { body, contentType = 'application/json', host = server.hostname } = options;
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...{ method, host, port: server.port || 443, path, agent: false, ca, cert: certificate, key },
          headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': contentType }) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('error', (error) => fail(error.message))
            .on('end', () =>
              resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
            );
        },
      );
      const timer = setTimeout(
        () => sent.destroy(new Error(`no answer within ${this.limitMs / 1000} s`)),
        this.limitMs,
      );
      const fail = (why: string): void =>
        reject(new Error(`${method} https://${host}:${server.port || '443'}${path}: ${why}`));
      sent
        .on('error', (error) => fail(error.message))
        .on('close', () => clearTimeout(timer))
        .end(typeof body === 'object' ? JSON.stringify(body) : body);
    });
  }

  private good(method: string, path: string, { status, body }: Answer): string {
    if (status >= 200 && status < 300) return body;
    throw new KubernetesError(`${method} ${path}: HTTP ${status} ${wordsOf(body)}`, status);
  }
}
