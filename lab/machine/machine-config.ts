import { parseAllDocuments } from 'yaml';

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);
const pem = (value: unknown): string => Buffer.from(text(value), 'base64').toString('utf8');

/** A machine config that Talos' own loader has accepted; it is not checked again. */
export class MachineConfig {
  /** The `v1alpha1` document; empty where the text has none. */
  readonly document: Fields;
  /** The other documents, each with `kind`. */
  readonly others: readonly Fields[];

  private constructor(
    /** As it was applied, byte for byte. */
    readonly text: string,
    documents: readonly Fields[],
  ) {
    this.document = documents.find((document) => document['kind'] === undefined) ?? {};
    this.others = documents.filter((document) => document['kind'] !== undefined);
  }

  static parse(yaml: string): MachineConfig {
    return new MachineConfig(
      yaml,
      parseAllDocuments(yaml)
        .map((document) => fields(document.toJS()))
        .filter((document) => Object.keys(document).length > 0),
    );
  }

  private get machine(): Fields {
    return fields(this.document['machine']);
  }
  private get cluster(): Fields {
    return fields(this.document['cluster']);
  }

  get type(): 'controlplane' | 'worker' {
    return this.machine['type'] === 'worker' ? 'worker' : 'controlplane';
  }
  /** What trustd asks of a machine that wants a certificate. */
  get token(): string {
    return text(this.machine['token']);
  }
  /** PEM. */
  get caCertificate(): string {
    return pem(fields(this.machine['ca'])['crt']);
  }
  /** PEM; empty on a worker, which does not hold it. */
  get caKey(): string {
    return pem(fields(this.machine['ca'])['key']);
  }
  /** PEM texts of every CA whose client certificates count: the machine CA, and those that it replaces. */
  get acceptedCas(): readonly string[] {
    return [this.caCertificate, ...list(this.machine['acceptedCAs']).map((ca) => pem(fields(ca)['crt']))].filter(
      (ca) => ca !== '',
    );
  }
  /** True: keys of the system disk are sealed to a TPM. */
  get sealsToTpm(): boolean {
    return Object.values(fields(this.machine['systemDiskEncryption'])).some((volume) =>
      list(fields(volume)['keys']).some((key) => fields(key)['tpm'] !== undefined),
    );
  }
  get certSans(): readonly string[] {
    return list(this.machine['certSANs']).map(text);
  }
  get timeServers(): readonly string[] {
    return list(fields(this.machine['time'])['servers']).map(text);
  }
  get interfaces(): readonly unknown[] {
    return list(fields(this.machine['network'])['interfaces']);
  }
  get hostname(): string | undefined {
    const own = text(fields(this.machine['network'])['hostname']);
    const document = text(this.others.find(({ kind }) => kind === 'HostnameConfig')?.['hostname']);
    return [own, document].find((name) => name !== '');
  }
  /** Host of the cluster endpoint, as `10.0.3.1`. */
  get endpointHost(): string {
    const endpoint = text(fields(this.cluster['controlPlane'])['endpoint']);
    return URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
  }
  get cni(): string {
    const name = text(fields(fields(this.cluster['network'])['cni'])['name']);
    return name === '' ? 'flannel' : name;
  }
  /**
   * Where the machine looks for the others of its cluster; undefined where it does not. `url` is the config's own,
   * which is empty where it takes Talos' default.
   */
  get discovery(): { readonly clusterId: string; readonly url: string } | undefined {
    const discovery = fields(this.cluster['discovery']);
    const service = fields(fields(discovery['registries'])['service']);
    if (discovery['enabled'] !== true || service['disabled'] === true) return undefined;
    return { clusterId: text(this.cluster['id']), url: text(service['endpoint']).replace(/\/+$/, '') };
  }
}
