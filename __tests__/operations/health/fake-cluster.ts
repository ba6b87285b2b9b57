import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { X509CertificateGenerator } from '@peculiar/x509';
import { parseAllDocuments } from 'yaml';
import { kubeVipManifest } from '../../../modules/kube-vip/kube-vip-manifest';
import type { ClusterPlan, NodePlan } from '../../../modules/model/cluster-plan';
import type { ServedCertificate } from '../../../operations/health/network-probe';
import type { Access, Look, Readers } from '../../../operations/health/readers';
import { health, type HealthCheck } from '../../../operations/health/health';
import type { Answer } from '../../../operations/kubernetes/kubernetes-client';
import type { GuestEntry } from '../../../operations/preflight/look';
import type { EtcdAlarm, EtcdMember, TalosService, TalosTime } from '../../../operations/talos/talos-client';

export const NOW = new Date('2026-11-21T12:00:00Z');
const HOUR_MS = 3_600_000;
const after = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS);

/** A self-signed certificate, as PEM, that ends so many hours after NOW. */
export const certificateFor = async (hours: number): Promise<string> => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const dates = { notBefore: after(-9000), notAfter: after(hours) };
  return (
    await X509CertificateGenerator.createSelfSigned(
      { name: 'CN=admin', keys, signingAlgorithm: algorithm, ...dates },
      webcrypto,
    )
  ).toString('pem');
};

export interface FakeNode {
  stage: string;
  services: TalosService[];
  members: EtcdMember[];
  alarms: EtcdAlarm[];
  time: TalosTime | Error;
}

export const service = (id: string, healthy = true, state = 'Running', message = ''): TalosService => ({
  ...{ id, state },
  health: { unknown: false, healthy, last_message: message },
});

/** What Helm keeps of a release. */
export const release = (revision: number, status: string, version: string, description = ''): object => {
  const stored = { version: revision, info: { status, description }, chart: { metadata: { version } } };
  const packed = gzipSync(JSON.stringify(stored)).toString('base64');
  return { metadata: {}, data: { release: Buffer.from(packed).toString('base64') } };
};

const READY = { conditions: [{ type: 'Ready', status: 'True' }] };
const PLURALS: Readonly<Record<string, string>> = {
  DaemonSet: 'daemonsets',
  Role: 'roles',
  RoleBinding: 'rolebindings',
  ServiceAccount: 'serviceaccounts',
};
interface Named {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/plndr-cp-lock';
export const KUBE_VIP_PODS = '/api/v1/namespaces/kube-system/pods?labelSelector=app.kubernetes.io%2Fname%3Dkube-vip';
export const CILIUM_PODS = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcilium';
export const secretsOf = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm%2Cname%3D${name}`;

/** A cluster that is well, in memory; a test makes one thing of it worse. */
export class FakeCluster {
  guests: GuestEntry[];
  readonly nodes = new Map<string, FakeNode | Error>();
  /** By address, the VIP's too. */
  readonly ready = new Map<string, Answer | Error>();
  /** By path; a list as its items. */
  readonly objects = new Map<string, unknown>();
  readonly served = new Map<string, ServedCertificate | Error>();
  /** By `address:port`; the others take connections. */
  readonly closed = new Map<string, Error>();
  hours = { kubeconfig: 8000, talosconfig: 8000 };
  proxmox: Error | undefined;
  kubeconfig: Error | undefined;

  constructor(readonly plan: ClusterPlan) {
    this.guests = plan.nodes.map(({ vmId, vmName, host }) => ({
      ...{ vmid: vmId, node: host, name: vmName, type: 'qemu', status: 'running', tags: `a;${plan.proxmox.tag}` },
    }));
    const planes = plan.nodes.filter(({ role }) => role === 'controlplane');
    const members = planes.map(({ name }, index) => ({
      ...{ id: String(index + 1), hostname: name, peer_urls: [], client_urls: [], is_learner: false },
    }));
    for (const node of plan.nodes) this.addNode(node, members);
    this.ready.set(plan.endpoint.vip.toString(), { status: 200, body: 'ok' });
    this.addObjects(planes);
  }

  private addNode({ role, address }: NodePlan, members: EtcdMember[]): void {
    const at = address.toString();
    const isControlPlane = role === 'controlplane';
    this.nodes.set(at, {
      ...{ stage: 'RUNNING', members: [...members], alarms: [], time: { server: 'time.cloudflare.com', aheadMs: 3 } },
      services: ['apid', 'kubelet', ...(isControlPlane ? ['etcd', 'trustd'] : [])].map((id) => service(id)),
    });
    const served = { notBefore: after(-1), notAfter: after(23) };
    this.served.set(`${at}:50000`, served);
    if (!isControlPlane) return;
    this.ready.set(at, { status: 200, body: 'ok' });
    this.served.set(`${at}:6443`, served);
  }

  private addObjects(planes: readonly NodePlan[]): void {
    const { plan, objects } = this;
    const pod = (name: string, nodeName: string, labels = {}): object => ({
      ...{ metadata: { name, namespace: 'kube-system', labels }, spec: { nodeName }, status: READY },
    });
    objects.set(
      '/api/v1/nodes',
      plan.nodes.map(({ name, address }) => ({
        ...{ metadata: { name }, spec: {} },
        status: { ...READY, addresses: [{ type: 'InternalIP', address: address.toString() }] },
      })),
    );
    objects.set(LEASE, {
      spec: { holderIdentity: planes[0]?.name, leaseDurationSeconds: 5, renewTime: NOW.toISOString() },
    });
    objects.set(
      KUBE_VIP_PODS,
      planes.map(({ name }) => pod(`kube-vip-${name}`, name)),
    );
    objects.set(
      CILIUM_PODS,
      plan.nodes.map(({ name }) => pod(`cilium-${name}`, name)),
    );
    for (const document of parseAllDocuments(kubeVipManifest(plan))) {
      const object = document.toJS() as Named;
      objects.set(this.pathOf(object), object);
    }
    objects.set(secretsOf('kube-system', 'cilium'), [release(1, 'deployed', plan.versions.cilium)]);
    objects.set(secretsOf('flux-system', 'flux2'), [release(1, 'deployed', plan.versions.flux)]);
    objects.set(secretsOf('flux-system', 'flux-system'), [release(1, 'deployed', plan.versions.fluxSync)]);
    objects.set('/apis/apps/v1/namespaces/flux-system/deployments', [
      {
        metadata: { name: 'source-controller' },
        spec: { replicas: 1, selector: { matchLabels: { app: 'source' } } },
        status: { availableReplicas: 1 },
      },
    ]);
    objects.set('/api/v1/namespaces/flux-system/pods', [pod('source-0', 'worker0', { app: 'source' })]);
    const followed = { metadata: { name: 'flux-system', namespace: 'flux-system' }, spec: {}, status: READY };
    objects.set('/apis/source.toolkit.fluxcd.io/v1/gitrepositories', [followed]);
    objects.set('/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations', [followed]);
    objects.set('/api/v1/services', [
      this.loadBalancer('gateway', '10.0.3.2', [80, 443]),
      this.loadBalancer('powerdns', '10.0.3.3', [53]),
    ]);
  }

  private loadBalancer(name: string, ip: string, ports: readonly number[]): object {
    return {
      metadata: { name, namespace: name },
      spec: { type: 'LoadBalancer', ports: ports.map((port) => ({ port, protocol: 'TCP' })) },
      status: { loadBalancer: { ingress: [{ ip }] } },
    };
  }

  /** Of one of kube-vip's objects. */
  pathOf({ apiVersion, kind, metadata }: Named): string {
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return `${group}/namespaces/kube-system/${PLURALS[kind] ?? ''}/${metadata.name}`;
  }

  node(address: string): FakeNode {
    const found = this.nodes.get(address);
    if (found === undefined || found instanceof Error) throw new Error(`no node at ${address}`);
    return found;
  }

  /** The machine is gone: nobody answers at its address, and in time Kubernetes sees it. */
  cutOff(node: NodePlan): void {
    const at = node.address.toString();
    const silence = new Error(`no answer from ${at}`);
    this.nodes.set(at, silence);
    if (this.ready.has(at)) this.ready.set(at, silence);
    for (const key of this.served.keys()) if (key.startsWith(`${at}:`)) this.served.set(key, silence);
    this.notReady(node.name);
  }

  notReady(name: string): void {
    const nodes = this.objects.get('/api/v1/nodes') as { metadata: { name: string }; status: object }[];
    this.objects.set(
      '/api/v1/nodes',
      nodes.map((node) =>
        node.metadata.name === name
          ? {
              ...node,
              status: {
                conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.' }],
              },
            }
          : node,
      ),
    );
  }

  /** Every check's line that is not a PASS. */
  async defects(): Promise<readonly string[]> {
    const findings = await health(this.plan, await this.readers(), 1000);
    return findings
      .filter(({ outcome }) => outcome !== 'PASS')
      .map(
        ({ check, outcome, fact }: { check: HealthCheck; outcome: string; fact: string }) =>
          `${outcome} ${check}: ${fact}`,
      );
  }

  async readers(): Promise<Readers> {
    const ca = await certificateFor(80_000);
    const given = <Data>(data: Data | Error | undefined, what: string): Promise<Data> => {
      if (data instanceof Error) return Promise.reject(data);
      if (data === undefined) return Promise.reject(new Error(`GET ${what}: HTTP 404 not found`));
      return Promise.resolve(data);
    };
    const access = async <Client>(client: Client, hours: number): Promise<Look<Access<Client>>> => ({
      data: { client, ca, certificate: await certificateFor(hours) },
    });
    const proxmox = {
      get: <Data>(path: string): Promise<Data> =>
        given((path === '/version' ? { version: '9.2.6' } : this.guests) as Data, path),
    };
    const talos = {
      version: async (at: string) => (await given(this.nodes.get(at), at), 'v1.13.9'),
      services: async (at: string) => (await given(this.nodes.get(at), at)).services,
      status: async (at: string) => ({ stage: (await given(this.nodes.get(at), at)).stage, status: null }),
      etcdMembers: async (at: string) => (await given(this.nodes.get(at), at)).members,
      etcdAlarms: async (at: string) => (await given(this.nodes.get(at), at)).alarms,
      time: async (at: string) => given((await given(this.nodes.get(at), at)).time, at),
    };
    const kubernetes = {
      call: (_method: string, _path: string, options: { readonly host?: string } = {}) =>
        given(this.ready.get(options.host ?? ''), options.host ?? ''),
      get: async <Answered>(path: string): Promise<Answered> => {
        const found = await given(this.objects.get(path), path);
        return (Array.isArray(found) ? { items: found } : found) as Answered;
      },
    };
    return {
      proxmox: this.proxmox === undefined ? { data: proxmox } : { why: this.proxmox.message },
      talos: await access(talos, this.hours.talosconfig),
      kubernetes:
        this.kubeconfig === undefined
          ? await access(kubernetes, this.hours.kubeconfig)
          : { why: this.kubeconfig.message },
      servedCertificate: (host, port) => given(this.served.get(`${host}:${port}`), `${host}:${port}`),
      connects: (host, port) => {
        const fault = this.closed.get(`${host}:${port}`);
        return fault === undefined ? Promise.resolve() : Promise.reject(fault);
      },
      dnsAnswers: (host) => {
        const fault = this.closed.get(`${host}:53`);
        return fault === undefined ? Promise.resolve() : Promise.reject(fault);
      },
      now: () => NOW,
    };
  }
}
