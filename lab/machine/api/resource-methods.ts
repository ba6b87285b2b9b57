import type { Machine } from '../machine';
import { ApiError, NOT_AUTHORIZED } from './api-error';
import { service, stream, unary, type CallContext, type Handler } from './local-backend';
import { gone } from './life-methods';
import { encodeResource, RESOURCE_TYPES, type Resource, type ResourceType } from './resources';

interface ResourceRequest {
  readonly namespace: string;
  readonly type: string;
}
interface WatchRequest extends ResourceRequest {
  readonly id?: string;
  readonly options: { readonly bootstrap_contents: boolean; readonly tail_events: number } | null;
  readonly api_version: number;
}

const POLL_MS = 250;

/** Source: internal/app/resources/resources.go, AccessPolicy. @throws ApiError where the caller may not see the type, or there is none */
const visible = ({ namespace, type }: ResourceRequest, { roles }: CallContext): ResourceType => {
  const found = RESOURCE_TYPES[type];
  if (found === undefined)
    throw new ApiError('PERMISSION_DENIED', `resource type ${JSON.stringify(type)} is not supported`);
  if (found.sensitive && !roles.has('os:admin')) throw new ApiError('PERMISSION_DENIED', NOT_AUTHORIZED);
  return namespace === found.namespace ? found : { ...found, list: () => [] };
};

/**
 * Tells of the state as it is, then of each change. The first message is empty: it says that the watch stands. Of a
 * single resource that is not there a DESTROYED comes first. Source: cosi-project/runtime, pkg/state/protobuf/server.
 */
const watch =
  (machine: Machine) =>
  async (request: WatchRequest, send: (message: object) => Promise<void>, context: CallContext): Promise<void> => {
    const type = visible(request, context);
    const { id, options } = request;
    const encode = (resource: Resource): object =>
      encodeResource(request.type, resource, new Date(machine.input.clock.now()));
    const tell = (event_type: string, resource?: object): Promise<void> =>
      send({ event: [{ event_type, ...(resource === undefined ? {} : { resource }) }] });
    const list = (): readonly Resource[] =>
      type.list(machine).filter((resource) => id === undefined || resource.id === id);
    const tombstone = (of: string): object => ({
      metadata: { namespace: request.namespace, type: request.type, id: of, version: 'undefined', phase: 'running' },
      spec: { proto_spec: Buffer.alloc(0), yaml_spec: '{}' },
    });

    await send({});
    let known = new Map(list().map((resource) => [resource.id, resource]));
    if (id !== undefined || options?.bootstrap_contents === true)
      for (const resource of known.values()) await tell('CREATED', encode(resource));
    if (id !== undefined && known.size === 0) await tell('DESTROYED', tombstone(id));
    if (id === undefined && options?.bootstrap_contents === true && request.api_version >= 1)
      await tell('BOOTSTRAPPED', tombstone(''));

    const look = async (): Promise<void> => {
      const now = new Map(list().map((resource) => [resource.id, resource]));
      const before = known;
      known = now;
      for (const resource of now.values()) {
        const old = before.get(resource.id);
        if (old === undefined) await tell('CREATED', encode(resource));
        else if (!old.spec.equals(resource.spec)) await tell('UPDATED', encode(resource));
      }
      for (const resource of before.values()) if (!now.has(resource.id)) await tell('DESTROYED', encode(resource));
    };
    const stopStatus = machine.status.onChange(() => void look());
    const timer = setInterval(() => void look(), POLL_MS);
    await gone(context.signal);
    clearInterval(timer);
    stopStatus();
  };

/** The machine's state as resources, read-only. */
export const resourceMethods = (machine: Machine): readonly [string, Handler][] => {
  const at = (): Date => new Date(machine.input.clock.now());
  return service('cosi.resource.State', {
    Get: unary((request: ResourceRequest & { readonly id: string }, context) => {
      const found = visible(request, context)
        .list(machine)
        .find(({ id }) => id === request.id);
      if (found === undefined)
        throw new ApiError(
          'NOT_FOUND',
          `resource ${request.type}(${request.namespace}/${request.id}@undefined) doesn't exist`,
        );
      return { resource: encodeResource(request.type, found, at()) };
    }),
    List: stream(async (request: ResourceRequest, send, context) => {
      for (const resource of visible(request, context).list(machine))
        await send({ resource: encodeResource(request.type, resource, at()) });
    }),
    Watch: stream(watch(machine)),
  });
};
