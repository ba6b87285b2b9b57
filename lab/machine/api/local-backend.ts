import { ApiError, NOT_AUTHORIZED } from './api-error';
import type { Backend, Call, Send } from './backend';
import { definitions, type MethodDefinition } from './definitions';
import { isAllowed, type Role } from './roles';

export interface CallContext {
  readonly roles: ReadonlySet<Role>;
  readonly signal: AbortSignal;
}

/** How this machine answers one method. Requests come decoded: enum values and 64-bit numbers are texts. */
export type Handler =
  | { readonly kind: 'unary'; readonly run: (request: never, context: CallContext) => object | Promise<object> }
  | {
      readonly kind: 'stream';
      readonly run: (request: never, send: (message: object) => Promise<void>, context: CallContext) => Promise<void>;
    }
  | { readonly kind: 'upload'; readonly run: (messages: AsyncIterable<never>) => Promise<object> };

/** By full path, as `/machine.MachineService/Version`. */
export type Handlers = ReadonlyMap<string, Handler>;

type Run<Kind extends Handler['kind']> = Extract<Handler, { readonly kind: Kind }>['run'];

export const unary = (run: Run<'unary'>): Handler => ({ kind: 'unary', run });
export const stream = (run: Run<'stream'>): Handler => ({ kind: 'stream', run });
export const upload = (run: Run<'upload'>): Handler => ({ kind: 'upload', run });

/** Handlers of one service by the names of its methods. */
export const service = (name: string, handlers: Readonly<Record<string, Handler>>): [string, Handler][] =>
  Object.entries(handlers).map(([method, handler]) => [`/${name}/${method}`, handler]);

async function* decoded(method: MethodDefinition, requests: AsyncIterable<Buffer>): AsyncIterable<never> {
  for await (const request of requests) yield method.decodeRequest(request) as never;
}

/**
 * This machine's own answers. `authorize` is false for the little server of maintenance mode up to 1.12, which
 * knows no rules and has few methods.
 */
export class LocalBackend implements Backend {
  constructor(
    private readonly handlers: Handlers,
    private readonly authorize: boolean,
  ) {}

  private find<Kind extends Handler['kind']>(
    call: Call,
    kind: Kind,
  ): { readonly method: MethodDefinition; readonly handler: Extract<Handler, { kind: Kind }> } {
    if (this.authorize && !isAllowed(call.path, call.roles)) throw new ApiError('PERMISSION_DENIED', NOT_AUTHORIZED);
    const handler = this.handlers.get(call.path);
    const method = definitions().methods.get(call.path);
    // In the words of the code that protoc makes for Go.
    if (handler === undefined || method === undefined)
      throw new ApiError('UNIMPLEMENTED', `method ${call.path.split('/').at(-1) ?? ''} not implemented`);
    if (handler.kind !== kind) throw new ApiError('INTERNAL', `${call.path} is a ${handler.kind} method, not ${kind}`);
    return { method, handler: handler as Extract<Handler, { kind: Kind }> };
  }

  async unary(call: Call, request: Buffer): Promise<Buffer> {
    const { method, handler } = this.find(call, 'unary');
    return method.encodeResponse(await handler.run(method.decodeRequest(request) as never, call));
  }
  async stream(call: Call, request: Buffer, send: Send): Promise<void> {
    const { method, handler } = this.find(call, 'stream');
    await handler.run(method.decodeRequest(request) as never, (message) => send(method.encodeResponse(message)), call);
  }
  async upload(call: Call, requests: AsyncIterable<Buffer>): Promise<Buffer> {
    const { method, handler } = this.find(call, 'upload');
    return method.encodeResponse(await handler.run(decoded(method, requests)));
  }
}
