import { ApiError } from './api-error';
import type { Backend, Call, Send } from './backend';
import { failureOf, withHostname } from './reply-metadata';

/** Services whose calls may go to many nodes at once. Source: internal/app/apid/pkg/director/director.go. */
const TO_MANY = [
  '/machine.MachineService/',
  '/cluster.ClusterService/',
  '/inspect.InspectService/',
  '/storage.StorageService/',
  '/time.TimeService/',
];

export interface RouterInput {
  readonly local: Backend;
  /** True for an address or host name of this machine. */
  readonly isLocal: (target: string) => boolean;
  /** Undefined on a worker, which passes nothing on. */
  readonly peer: ((target: string) => Backend) | undefined;
  /** True in maintenance, where `node` and `nodes` are ignored. */
  readonly routingDisabled: boolean;
}

type Route =
  { readonly to: Backend } | { readonly toMany: readonly { readonly target: string; readonly backend: Backend }[] };

const header = (call: Call, key: string): readonly string[] =>
  call.metadata
    .get(key)
    .flatMap((value) => String(value).split(','))
    .map((value) => value.trim());

/** Decides by `node` and `nodes` who answers a call, and merges the replies of many, as apid does. */
export class Router implements Backend {
  constructor(private readonly input: RouterInput) {}

  private route(call: Call): Route {
    const { local, isLocal, peer, routingDisabled } = this.input;
    if (routingDisabled || call.metadata.get('proxyfrom').length > 0) return { to: local };
    const node = header(call, 'node');
    const nodes = header(call, 'nodes');
    if (node.length > 1) throw new ApiError('INVALID_ARGUMENT', 'node metadata must be single-valued');
    if (nodes.length > 0 && !(peer === undefined && nodes.every((target) => nodes.length === 1 && isLocal(target)))) {
      if (!TO_MANY.some((prefix) => call.path.startsWith(prefix)))
        throw new ApiError('INVALID_ARGUMENT', `one-2-many proxying is not supported for method ${call.path}`);
      return { toMany: nodes.map((target) => ({ target, backend: this.reach(target) })) };
    }
    const [only] = node;
    return only === undefined || isLocal(only) ? { to: local } : { to: this.reach(only) };
  }

  /** This machine answers for its own addresses itself: over the wire, it would give the same reply. */
  private reach(target: string): Backend {
    const { local, isLocal, peer } = this.input;
    if (peer === undefined) throw new ApiError('PERMISSION_DENIED', 'no request forwarding');
    return isLocal(target) ? local : peer(target);
  }

  async unary(call: Call, request: Buffer): Promise<Buffer> {
    const route = this.route(call);
    if ('to' in route) return route.to.unary(call, request);
    const replies = route.toMany.map(({ target, backend }) =>
      backend.unary(call, request).then(
        (reply) => withHostname(reply, target, false),
        (fault: unknown) => failureOf(ApiError.from(fault), target, false),
      ),
    );
    return Buffer.concat(await Promise.all(replies));
  }

  async stream(call: Call, request: Buffer, send: Send): Promise<void> {
    const route = this.route(call);
    if ('to' in route) return route.to.stream(call, request, send);
    await Promise.all(
      route.toMany.map(({ target, backend }) =>
        backend
          .stream(call, request, (reply) => send(withHostname(reply, target, true)))
          .catch((fault: unknown) => send(failureOf(ApiError.from(fault), target, true))),
      ),
    );
  }

  async upload(call: Call, requests: AsyncIterable<Buffer>): Promise<Buffer> {
    const route = this.route(call);
    if ('to' in route) return route.to.upload(call, requests);
    const [first, ...others] = route.toMany;
    if (first === undefined || others.length > 0)
      throw new ApiError('INVALID_ARGUMENT', 'the lab sends an upload to one node only');
    return withHostname(await first.backend.upload(call, requests), first.target, false);
  }
}
