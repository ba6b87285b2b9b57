import { join } from 'node:path';
import { serviceAddress } from '../control-plane/address-filter';
import { renderKubeconfig } from '../control-plane/kubeconfig';
import { KubernetesClient, sleep } from '../control-plane/kubernetes-client';
import type { KeyPair, NodeConfig } from '../control-plane/machine-config';
import { writeSecretFile } from '../control-plane/secret-file';
import { ServiceState } from '../control-plane/service-state';
import type { StaticPod } from '../control-plane/static-pods';
import { SupervisedProcess } from '../control-plane/supervised-process';
import { requestCertificate, storedCertificate, type CertificateSource } from './client-certificate';
import { kwokProcess } from './kwok';
import { keepMirrorPods } from './mirror-pods';
import { NodeAgent } from './node-agent';
import type { NodeFacts } from './node-object';
import { Pods } from './pods';

export interface KubeletInput {
  readonly config: NodeConfig;
  /** Asked again and again: a config that is applied may change them, but for name and address. */
  readonly facts: () => NodeFacts;
  /** API server that the kubelet talks to: KubePrism where it is on. */
  readonly server: string;
  /** Folder on EPHEMERAL for certificates and volumes. */
  readonly path: string;
  readonly logPath: string;
  readonly holdPath: string;
  /** Absolute paths by name; `kwok` is needed, `kube-vip` is run where a pod asks for it. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly staticPods: () => readonly StaticPod[];
  /** Called once the node is registered, with a client that has the node's own rights. */
  readonly onRegistered: (client: KubernetesClient) => void;
  readonly log: (line: string) => void;
}

/** Images that the lab has as programs: repository and name of the binary. */
const PROGRAMS: Readonly<Record<string, string>> = { 'ghcr.io/kube-vip/kube-vip': 'kube-vip' };

const RETRY_MS = 300;
const POD_GRACE_MS = 5000;
const KWOK_GRACE_MS = 2000;

/** The node's side of Kubernetes: TLS bootstrap, Node object, lease, pods. Containers are kwok's, but for a few. */
export class Kubelet {
  readonly service = new ServiceState('kubelet');
  private readonly stopping = new AbortController();
  private client: KubernetesClient | undefined;
  private pods: Pods | undefined;
  private kwok: SupervisedProcess | undefined;

  constructor(private readonly input: KubeletInput) {}

  /** Returns at once: the kubelet waits for an API server for as long as it takes. */
  start(): void {
    this.service.enter('Running', 'Started task kubelet for container kubelet');
    this.service.setHealth(true, '');
    void this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all([this.pods?.stop(POD_GRACE_MS), this.kwok?.stop(KWOK_GRACE_MS)]);
    this.client?.close();
    this.service.enter('Finished', 'Service finished successfully');
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const { input } = this;
    const credentials = await this.certificate();
    if (credentials === undefined) return;
    const { name, address } = input.facts();
    const where = { nodeName: name, nodeAddress: address };
    const client = new KubernetesClient({ server: input.server, caCert: input.config.caCert, client: credentials });
    this.client = client;
    const pods = new Pods({
      client,
      where,
      service: { address: serviceAddress(input.config.serviceSubnets[0] ?? '10.96.0.0/12', 1), port: 443 },
      programs: this.programs(),
      path: join(input.path, 'pods'),
      logPath: input.logPath,
      holdPath: input.holdPath,
      log: input.log,
    });
    const agent = new NodeAgent(client, input.facts, () => pods.isNetworkReady, input.log);
    const uid = await agent.register(signal);
    if (uid === undefined) return;
    this.pods = pods;
    pods.start();
    void agent.report(signal);
    void agent.keepLease(uid, signal);
    void keepMirrorPods(client, input.staticPods, (key) => pods.isThere(key), where, uid, signal);
    input.onRegistered(client);
    this.kwok = new SupervisedProcess(this.kwokSpec(credentials));
    this.kwok.start();
  }

  private async certificate(): Promise<KeyPair | undefined> {
    const { config, facts, server, path, log } = this.input;
    const source: CertificateSource = {
      nodeName: facts().name,
      server,
      caCert: config.caCert,
      token: config.token,
      path: join(path, 'pki', 'kubelet-client-current.pem'),
    };
    const stored = storedCertificate(source);
    if (stored !== undefined) return stored;
    let said = '';
    while (!this.stopping.signal.aborted) {
      try {
        return await requestCertificate(source);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== said) log(`kubelet waits for its certificate: ${message}`);
        said = message;
        await sleep(RETRY_MS, this.stopping.signal);
      }
    }
    return undefined;
  }

  private programs(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(PROGRAMS).flatMap(([image, name]) => {
        const binary = this.input.binaries[name];
        return binary === undefined ? [] : [[image, binary]];
      }),
    );
  }

  private kwokSpec(credentials: KeyPair): ConstructorParameters<typeof SupervisedProcess>[0] {
    const { config, facts, server, path, logPath, binaries } = this.input;
    const kubeconfig = renderKubeconfig({
      clusterName: config.clusterName,
      server,
      caCert: config.caCert,
      client: credentials,
      user: 'kubelet',
      context: 'kubelet',
    });
    return kwokProcess({
      binary: binaries['kwok'] ?? 'kwok',
      nodeName: facts().name,
      nodeAddress: facts().address,
      kubeconfig: writeSecretFile(join(path, 'kubeconfig'), kubeconfig),
      path,
      logPath,
      ownImages: Object.keys(this.programs()),
    });
  }
}
