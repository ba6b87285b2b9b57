import type { Call, Cluster, Endpoint } from './cluster';
import { ENDPOINTS } from './endpoints/endpoints';
import { ApiError, badParameters, failure, forbidden, messageOf } from './errors';
import type { FaultName } from './faults';
import {
  parseForm,
  type RecordedRequest,
  splitPath,
  type WireRequest,
  type WireResponse,
  withoutSecrets,
} from './requests';
import { type RawParameters, validateParameters } from './schema/validate';

const BASE = '/api2/json';

interface Route {
  readonly endpoint: Endpoint;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const routeOf = (endpoint: Endpoint): ((path: string) => Route | undefined) => {
  const names = [...endpoint.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  // a volume id holds slashes: the fragment delimiter of pve-storage's content is empty
  const pattern = new RegExp(`^${endpoint.path.replace(/\{volume\}$/, '(.+)').replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
  return (path) => {
    const values = pattern.exec(path)?.slice(1);
    if (values === undefined) return undefined;
    return { endpoint, pathParameters: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
  };
};

/** An answer that is none: the connection is closed. */
export class ConnectionReset extends Error {}

/**
 * Answers calls: authentication, faults, permissions, parameters, effect, in Proxmox' order
 * (pve-manager PVE/HTTPServer.pm auth_handler and rest_handler).
 */
export class Api {
  readonly requests: RecordedRequest[] = [];
  readonly #routes: ReadonlyMap<string, readonly ((path: string) => Route | undefined)[]>;

  constructor(private readonly cluster: Cluster) {
    const served = ENDPOINTS.filter(({ method, path }) => cluster.schema.methods[`${method} ${path}`] !== undefined);
    const methods = [...new Set(served.map(({ method }) => method))];
    this.#routes = new Map(
      methods.map((method) => [method, served.filter((row) => row.method === method).map(routeOf)]),
    );
  }

  #find(method: string, path: string): Route | undefined {
    for (const match of this.#routes.get(method) ?? []) {
      const route = match(path);
      if (route !== undefined) return route;
    }
    return undefined;
  }

  /** Resolves to the answer. @throws ConnectionReset where a fault says so */
  async answer(request: WireRequest, entry: string): Promise<WireResponse> {
    const { path: whole, query } = splitPath(request.url);
    if (whole !== BASE && !whole.startsWith(`${BASE}/`)) {
      const other = /^\/api2\/(\w+)/.exec(whole)?.[1];
      if (other === undefined) return { status: 500, reason: `no such file '${whole}'` };
      return { status: 501, reason: `no formatter for uri ${whole}, ${other}` };
    }
    const path = whole.slice(BASE.length) || '/';
    const parameters = { ...(request.body === '' ? {} : parseForm(request.body)), ...parseForm(query) };
    const route = this.#find(request.method, path);
    const seen = { user: undefined as string | undefined };
    const response = await this.#respond(request, path, parameters, route, entry, seen);
    const { method } = request;
    const endpoint = route === undefined ? undefined : `${method} ${route.endpoint.path}`;
    const data = (response.body as { data?: unknown } | undefined)?.data;
    const { status, reason } = response;
    this.requests.push({
      method,
      path,
      parameters: withoutSecrets(parameters),
      user: seen.user,
      endpoint,
      status,
      reason,
      data,
    });
    return response;
  }

  async #respond(
    request: WireRequest,
    path: string,
    parameters: RawParameters,
    route: Route | undefined,
    entry: string,
    seen: { user: string | undefined },
  ): Promise<WireResponse> {
    const target = { method: request.method, path, ...(route === undefined ? {} : { template: route.endpoint.path }) };
    const fault = (name: FaultName) => this.cluster.faults.take(name, target);
    if (fault('connection-reset') !== undefined) throw new ConnectionReset();
    const broken = fault('api-error');
    try {
      if (broken !== undefined) throw new ApiError(broken.status ?? 500, broken.text ?? 'internal error');
      const open = path === '/access/ticket';
      if (!open) {
        try {
          seen.user = this.cluster.authentication.authenticate(request.method, request.headers);
        } catch (error) {
          if (error instanceof ApiError) return { status: error.status, reason: error.message };
          throw error;
        }
      }
      if (route === undefined) throw new ApiError(501, `Method '${request.method} ${path}' not implemented`);
      const data = await this.#perform(route, parameters, seen.user, entry, fault);
      return { status: 200, reason: 'OK', body: { data: data ?? null } };
    } catch (error) {
      return this.#refusal(error);
    }
  }

  #refusal(error: unknown): WireResponse {
    const { status, errors } = error instanceof ApiError ? error : { status: 500, errors: undefined };
    const message = messageOf(error);
    const reason = message.split('\n')[0] ?? '';
    return {
      status,
      reason,
      body: { data: null, message: `${message}\n`, ...(errors === undefined ? {} : { errors }) },
    };
  }

  #perform(
    { endpoint, pathParameters }: Route,
    sent: RawParameters,
    user: string | undefined,
    entry: string,
    fault: Call['fault'],
  ): unknown {
    const { cluster } = this;
    const schema = cluster.schema.methods[`${endpoint.method} ${endpoint.path}`] ?? {};
    for (const [key, value] of Object.entries(pathParameters)) {
      if (sent[key] !== undefined && sent[key] !== value) {
        throw badParameters({ [key]: 'duplicate parameter (already defined in URI) with conflicting values!' });
      }
    }
    const raw = { ...sent, ...pathParameters };
    if (user?.includes('!') && schema.allowToken === false)
      throw forbidden(`URI '${endpoint.path}' not available with API token, need proper ticket.\n`);
    const { permissions = {} } = schema;
    if (permissions.user === undefined && user !== 'root@pam') {
      if (user === undefined) throw forbidden('user != null');
      if (permissions.check === undefined) throw forbidden();
      cluster.access.evaluate(permissions.check, user, raw);
    }
    const node = this.#host(pathParameters['node'], entry);
    const parameters = validateParameters(schema.parameters ?? {}, raw);
    return endpoint.effect({
      ...{ cluster, node, user: user ?? '', parameters, fault },
      fork: (id, work, type) => {
        const { task } = endpoint;
        if (task === undefined) throw new Error(`${endpoint.method} ${endpoint.path} starts no task`);
        const takes = type === undefined && task.takes !== undefined ? { takes: task.takes } : {};
        return cluster.tasks.fork({
          node,
          type: type ?? task.type,
          id: String(id),
          user: user ?? '',
          fault,
          work,
          ...takes,
        });
      },
    });
  }

  /** The host that a call is for; a call to another one is passed on to it. */
  #host(asked: string | undefined, entry: string): string {
    if (asked === undefined) return entry;
    const name = asked === 'localhost' ? entry : asked;
    if (!this.cluster.hosts.some((host) => host.name === name)) {
      throw failure(
        `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
      );
    }
    if (this.cluster.offline.has(name)) throw new ApiError(595, 'No route to host');
    return name;
  }
}
