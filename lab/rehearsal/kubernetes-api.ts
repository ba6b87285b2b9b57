import { request } from 'node:https';
import { parse } from 'yaml';

/** What a kubeconfig of Talos holds. */
interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly name: string;
    readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string };
  }[];
}

const ANSWER_MS = 5_000;

const decoded = (data: string): string => Buffer.from(data, 'base64').toString('utf8');

/**
 * The API server behind a kubeconfig, asked as kubectl would. Every request is a connection of its own, so that an answer
 * is one of whoever has the address now.
 */
export class KubernetesApi {
  /** As the kubeconfig has it, `https://10.0.3.1:6443`. */
  readonly server: URL;
  private readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };

  constructor(kubeconfig: string) {
    const config = parse(kubeconfig) as Kubeconfig;
    const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
    const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
    const user = config.users.find(({ name }) => name === context?.user)?.user;
    if (cluster === undefined || user === undefined) {
      throw new Error(`kubeconfig has no cluster and user for its current context "${config['current-context']}"`);
    }
    this.server = new URL(cluster.server);
    this.tls = {
      ca: decoded(cluster['certificate-authority-data']),
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    };
  }

  /** @throws Error where nobody answers in 5 s, or with another status than 200 */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  /**
   * @param host asked in place of the kubeconfig's server
   * @throws as `get`
   */
  text(path: string, host = this.server.hostname): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`GET https://${host}:${this.server.port}${path}: ${why}`));
      const asked = request(
        {
          host,
          port: this.server.port,
          path,
          agent: false,
          timeout: ANSWER_MS,
          headers: { Accept: 'application/json' },
          ...this.tls,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response
            .on('data', (chunk: Buffer) => chunks.push(chunk))
            .on('error', (error) => fail(error.message))
            .on('end', () => {
              const body = Buffer.concat(chunks).toString('utf8');
              if (response.statusCode === 200) resolve(body);
              else fail(`HTTP ${response.statusCode ?? 0} ${body.slice(0, 200)}`);
            });
        },
      );
      asked
        .on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)))
        .on('error', (error) => fail(error.message))
        .end();
    });
  }
}
