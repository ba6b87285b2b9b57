import { join } from 'node:path';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';

/** A method as the wire knows it. */
export interface MethodDefinition {
  /** As `/machine.MachineService/Version`. */
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  encodeRequest(message: object): Buffer;
  decodeRequest(bytes: Buffer): object;
  encodeResponse(message: object): Buffer;
  decodeResponse(bytes: Buffer): object;
}

/** Everything that stands in `proto/`. Enum values and 64-bit numbers are texts, fields keep their names. */
export interface Definitions {
  readonly methods: ReadonlyMap<string, MethodDefinition>;
  /** Bytes of a message, by its full name as `specs.MachineStatusSpec`. @throws Error where it is not in proto/ */
  encode(name: string, message: object): Buffer;
}

const load = (): PackageDefinition =>
  loadSync(['machine.proto', 'storage.proto', 'cosi.proto', 'specs.proto', 'security.proto', 'time.proto'], {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    includeDirs: [join(__dirname, 'proto')],
  });

const isMessage = (
  definition: PackageDefinition[string] | undefined,
): definition is MessageTypeDefinition<object, object> =>
  definition !== undefined && 'format' in definition && definition.format === 'Protocol Buffer 3 DescriptorProto';

let loaded: Definitions | undefined;

/** Parsed once per process: about 60 ms. */
export const definitions = (): Definitions => {
  if (loaded !== undefined) return loaded;
  const found = load();
  const methods = new Map<string, MethodDefinition>();
  for (const definition of Object.values(found)) {
    if ('format' in definition) continue;
    for (const method of Object.values(definition)) {
      methods.set(method.path, {
        path: method.path,
        requestStream: method.requestStream,
        responseStream: method.responseStream,
        encodeRequest: (message) => method.requestSerialize(message),
        decodeRequest: (bytes) => method.requestDeserialize(bytes),
        encodeResponse: (message) => method.responseSerialize(message),
        decodeResponse: (bytes) => method.responseDeserialize(bytes),
      });
    }
  }
  loaded = {
    methods,
    encode: (name, message) => {
      const definition = found[name];
      if (!isMessage(definition)) throw new Error(`message ${name} does not stand in proto/`);
      return definition.serialize(message);
    },
  };
  return loaded;
};

/** A time as google.protobuf.Timestamp. */
export const timestamp = (at: Date): { readonly seconds: string; readonly nanos: number } => ({
  seconds: String(Math.floor(at.getTime() / 1000)),
  nanos: (at.getTime() % 1000) * 1_000_000,
});
