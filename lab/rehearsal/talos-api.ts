import { Client, credentials } from '@grpc/grpc-js';
import { parse } from 'yaml';
import { definitions } from '../machine/api/definitions';

interface Talosconfig {
  readonly context: string;
  readonly contexts: Readonly<Record<string, { readonly ca: string; readonly crt: string; readonly key: string }>>;
}

export interface TalosEtcdMember {
  readonly id: string;
  readonly hostname: string;
  readonly peer_urls: readonly string[];
  readonly is_learner: boolean;
}

export interface TalosService {
  readonly id: string;
  readonly state: string;
  readonly health: { readonly healthy: boolean; readonly last_message: string } | null;
}

/** A node, by its host name and where it answers. */
export interface TalosNode {
  readonly name: string;
  readonly address: string;
}

const API_PORT = 50000;
const ANSWER_MS = 10_000;

/** Talos labels an Ed25519 key in a way that OpenSSL does not know; the content is plain PKCS#8. */
const decoded = (data: string): Buffer =>
  Buffer.from(Buffer.from(data, 'base64').toString('utf8').replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'));

/** The machine API of the nodes, asked with a talosconfig as talosctl would. */
export class TalosApi {
  private readonly identity: { readonly ca: string; readonly crt: string; readonly key: string };

  constructor(talosconfig: string) {
    const config = parse(talosconfig) as Talosconfig;
    const identity = config.contexts[config.context];
    if (identity === undefined) throw new Error(`talosconfig has no context "${config.context}"`);
    this.identity = identity;
  }

  /** The members of etcd as this node's own member lists them. */
  async etcdMembers(node: TalosNode): Promise<readonly TalosEtcdMember[]> {
    const [first] = await this.call<{ readonly members: readonly TalosEtcdMember[] }>(node, 'EtcdMemberList', {
      query_local: true,
    });
    return first?.members ?? [];
  }

  async services(node: TalosNode): Promise<readonly TalosService[]> {
    const [first] = await this.call<{ readonly services: readonly TalosService[] }>(node, 'ServiceList', {});
    return first?.services ?? [];
  }

  private call<Message>({ name, address }: TalosNode, method: string, request: object): Promise<readonly Message[]> {
    const path = `/machine.MachineService/${method}`;
    const definition = definitions().methods.get(path);
    if (definition === undefined) throw new Error(`no method ${path}`);
    const { ca, crt, key } = this.identity;
    const client = new Client(
      `${address}:${API_PORT}`,
      credentials.createSsl(decoded(ca), decoded(key), decoded(crt)),
      {
        // Node does not take an address for a server's name; the certificate holds both.
        'grpc.ssl_target_name_override': name,
      },
    );
    return new Promise<readonly Message[]>((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        (message: object) => definition.encodeRequest(message),
        (bytes) => definition.decodeResponse(bytes),
        request,
        { deadline: Date.now() + ANSWER_MS },
        (fault, reply) =>
          fault === null
            ? resolve((reply as { readonly messages: readonly Message[] }).messages)
            : reject(new Error(`${method} at ${address}: ${fault.message}`)),
      );
    }).finally(() => client.close());
  }
}
