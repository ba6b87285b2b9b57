import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { KeyPair } from './machine-config';

/** A refusal of the API server, with its own reason (`NotFound`, `Forbidden`, `Conflict` …) and message. */
export class KubernetesError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** What every object has. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
}

export interface KubernetesCredentials {
  /** Without trailing slash. */
  readonly server: string;
  /** PEM. */
  readonly caCert: string;
  /** A client certificate or a bearer token. */
  readonly client: KeyPair | { readonly token: string };
}

interface CallOptions {
  readonly body?: unknown;
  /** @default application/json */
  readonly contentType?: string;
  /** @default 10 s */
  readonly timeoutMs?: number;
}

export const STRATEGIC_MERGE = 'application/strategic-merge-patch+json';
export const MERGE = 'application/merge-patch+json';
export const APPLY = 'application/apply-patch+yaml';

/** The few calls of the Kubernetes API that a node makes, JSON over one keep-alive pool. */
export class KubernetesClient {
  private readonly agent: Agent;

  constructor(private readonly credentials: KubernetesCredentials) {
    const { client } = credentials;
    this.agent = new Agent({
      keepAlive: true,
      ca: credentials.caCert,
      ...('token' in client ? {} : { cert: client.cert, key: client.key }),
    });
  }

  /** @throws KubernetesError where the server refuses; Error where it can't be reached or is silent for too long */
  async call<T = unknown>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const response = await this.open(method, path, options);
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw asError(status, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Body of an answer that is no JSON, as `/readyz` gives it. */
  async text(path: string, timeoutMs: number): Promise<string> {
    const response = await this.open('GET', path, { timeoutMs });
    const text = await readAll(response);
    if (response.statusCode !== 200) throw asError(response.statusCode ?? 0, text);
    return text;
  }

  /**
   * Lists a collection, then follows it, and starts over whenever the connection ends, until `signal` aborts.
   * `onObject` is called for every object found or changed, `onGone` for every one that is no longer there.
   */
  async follow<T extends KubernetesObject>(
    path: string,
    query: string,
    handlers: { onObject: (object: T) => void; onGone: (object: T) => void },
    signal: AbortSignal,
  ): Promise<void> {
    const known = new Map<string, T>();
    const key = ({ metadata }: T): string => `${metadata.namespace ?? ''}/${metadata.name}`;
    while (!signal.aborted) {
      try {
        const list = await this.call<{ items: T[]; metadata: { resourceVersion: string } }>('GET', `${path}?${query}`);
        const present = new Set(list.items.map(key));
        for (const [name, object] of known) {
          if (present.has(name)) continue;
          known.delete(name);
          handlers.onGone(object);
        }
        for (const item of list.items) {
          known.set(key(item), item);
          handlers.onObject(item);
        }
        await this.watch(
          `${path}?${query}&watch=1&resourceVersion=${list.metadata.resourceVersion}`,
          signal,
          (type, changed) => {
            const object = changed as T;
            if (type === 'DELETED') {
              known.delete(key(object));
              handlers.onGone(object);
            } else {
              known.set(key(object), object);
              handlers.onObject(object);
            }
          },
        );
      } catch {
        // The API server may be away for as long as it likes: a node waits for it.
      }
      await sleep(RELIST_MS, signal);
    }
  }

  /** Ends idle and open connections. */
  close(): void {
    this.agent.destroy();
  }

  private async watch(
    path: string,
    signal: AbortSignal,
    onEvent: (type: string, object: unknown) => void,
  ): Promise<void> {
    const response = await this.open(
      'GET',
      `${path}&allowWatchBookmarks=true&timeoutSeconds=600`,
      { timeoutMs: WATCH_IDLE_MS },
      signal,
    );
    if (response.statusCode !== 200) throw asError(response.statusCode ?? 0, await readAll(response));
    let rest = '';
    response.setEncoding('utf8');
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line) as { type: string; object: unknown };
        if (event.type === 'ERROR') return;
        if (event.type !== 'BOOKMARK') onEvent(event.type, event.object);
      }
    }
  }

  private open(method: string, path: string, options: CallOptions, signal?: AbortSignal): Promise<IncomingMessage> {
    const { client, server } = this.credentials;
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const requestOptions: RequestOptions = {
      method,
      agent: this.agent,
      timeout: options.timeoutMs ?? 10_000,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        accept: 'application/json',
        ...('token' in client ? { authorization: `Bearer ${client.token}` } : {}),
        ...(body === undefined
          ? {}
          : { 'content-type': options.contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    };
    return new Promise((resolve, reject) => {
      const call = request(`${server}${path}`, requestOptions, resolve);
      call.on('timeout', () => call.destroy(new Error(`${server} is silent`)));
      call.on('error', reject);
      call.end(body);
    });
  }
}

const RELIST_MS = 200;
/** The API server sends a bookmark about once a minute. */
const WATCH_IDLE_MS = 150_000;

const readAll = async (response: IncomingMessage): Promise<string> => {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response as AsyncIterable<string>) text += chunk;
  return text;
};

const asError = (status: number, text: string): KubernetesError => {
  try {
    const answer = JSON.parse(text) as { reason?: string; message?: string };
    return new KubernetesError(status, answer.reason ?? '', answer.message ?? text);
  } catch {
    return new KubernetesError(status, '', text);
  }
};

/** Resolves after the time, or at once where `signal` aborts. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });

/** Calls `check` again and again until it resolves or `signal` aborts. */
export const until = async (check: () => Promise<unknown>, pollMs: number, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    try {
      await check();
      return;
    } catch {
      await sleep(pollMs, signal);
    }
  }
};
