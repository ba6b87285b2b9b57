import { conditionOf, type KubernetesNode, type Looks } from './looks';
import { isPodReady, podsOn, type Pod } from './pods';
import { look } from './readers';
import { releasePart } from './release';
import { Ipv4 } from '../../modules/model/addresses';
import { fail, skip, together, type Part, type Verdict } from './verdict';

export const cilium = async (looks: Looks): Promise<Verdict> => {
  const { plan } = looks;
  const [release, pods] = await Promise.all([
    releasePart(looks, { namespace: 'kube-system', name: 'cilium', version: plan.versions.cilium }),
    looks.list<Pod>('/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dcilium'),
  ]);
  if ('why' in pods) return 'bad' in release ? together([release], () => '') : skip(pods.why);
  const agents = await podsOn(looks, plan.nodes, pods.data, {
    ...{ name: 'Cilium', upTo: 'nodes' },
    fix: 'kubectl -n kube-system get pods -o wide -l k8s-app=cilium',
  });
  return together(
    [release, ...agents],
    () =>
      `Cilium ${plan.versions.cilium} is deployed, an agent ready on ${agents.length} of ${plan.nodes.length} nodes`,
  );
};

interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
  readonly status: { readonly availableReplicas?: number };
}
interface LabelledPod extends Pod {
  readonly metadata: Pod['metadata'] & { readonly labels?: Readonly<Record<string, string>> };
}

/** Pods that are not there because their node is not: no fault of theirs. */
const causeOf = async (looks: Looks, pods: readonly LabelledPod[]): Promise<string | undefined> => {
  for (const pod of pods.filter((one) => !isPodReady(one))) {
    const node = looks.plan.nodes.find(({ name }) => name === pod.spec.nodeName);
    const cause = node === undefined ? undefined : await looks.cause(node, 'nodes');
    if (cause !== undefined) return cause;
  }
  return undefined;
};

const FLUX = 'flux-system';

/** Flux itself: its charts, and its controllers. */
export const flux = async (looks: Looks): Promise<Verdict> => {
  const { versions } = looks.plan;
  const [releases, deployments, pods] = await Promise.all([
    Promise.all([
      releasePart(looks, { namespace: FLUX, name: 'flux2', version: versions.flux }),
      releasePart(looks, { namespace: FLUX, name: 'flux-system', version: versions.fluxSync }),
    ]),
    looks.list<Deployment>(`/apis/apps/v1/namespaces/${FLUX}/deployments`),
    looks.list<LabelledPod>(`/api/v1/namespaces/${FLUX}/pods`),
  ]);
  if ('why' in deployments || 'why' in pods) {
    return together(
      [...releases, { unseen: 'why' in deployments ? deployments.why : 'its pods could not be listed' }],
      () => '',
    );
  }
  const controllers = await Promise.all(
    deployments.data.map(async ({ metadata: { name }, spec, status }): Promise<Part> => {
      const { replicas = 1, selector } = spec;
      const { availableReplicas = 0 } = status;
      if (availableReplicas >= replicas) return { good: name };
      const labels = Object.entries(selector.matchLabels ?? {});
      const own = pods.data.filter((pod) => labels.every(([key, value]) => pod.metadata.labels?.[key] === value));
      const cause = await causeOf(looks, own);
      if (cause !== undefined) return { unseen: `${name} had a pod on ${cause}` };
      return {
        bad: `${name}: ${availableReplicas} of ${replicas} pods available`,
        fix: `kubectl -n ${FLUX} describe deployment ${name}`,
      };
    }),
  );
  if (controllers.length === 0)
    controllers.push({ bad: 'there are no controllers', fix: `npx cdktf deploy ${looks.plan.stack}` });
  return together(
    [...releases, ...controllers],
    () => `Flux ${versions.flux} is deployed, ${controllers.length} controllers available`,
  );
};

interface FluxObject {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly suspend?: boolean };
  readonly status?: { readonly conditions?: KubernetesNode['status']['conditions'] };
}

const KINDS = [
  {
    kind: 'GitRepository',
    short: 'source git',
    path: '/apis/source.toolkit.fluxcd.io/v1/gitrepositories',
    by: 'source-controller',
  },
  {
    kind: 'Kustomization',
    short: 'kustomization',
    path: '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
    by: 'kustomize-controller',
  },
] as const;

/** What Flux follows is fetched and applied. */
export const fluxSync = async (looks: Looks): Promise<Verdict> => {
  const parts = await Promise.all(
    KINDS.map(async ({ kind, short, path, by }): Promise<readonly Part[]> => {
      const found = await looks.list<FluxObject>(path);
      if ('why' in found) return [{ unseen: found.why.endsWith(')') ? found.why : `${found.why} (flux)` }];
      return found.data.map(({ metadata: { name, namespace }, spec, status }): Part => {
        const who = `${kind} ${name}`;
        if (spec.suspend === true)
          return { unseen: `${who} is suspended`, fix: `flux -n ${namespace} resume ${short} ${name}` };
        const ready = conditionOf({ ...(status === undefined ? {} : { status }) }, 'Ready');
        if (ready === undefined) {
          return { unseen: `${by} has not looked at ${who} yet`, fix: `kubectl -n ${FLUX} logs deployment/${by}` };
        }
        if (ready.status === 'True') return { good: who };
        if (ready.status === 'Unknown') return { unseen: `${who}: ${ready.message ?? 'being applied'}` };
        return {
          bad: `${who}: ${ready.message ?? 'not Ready'}`,
          fix: `flux -n ${namespace} reconcile ${short} ${name}`,
        };
      });
    }),
  );
  const all = parts.flat();
  if (all.length === 0) return fail('Flux follows nothing', `npx cdktf deploy ${looks.plan.stack}`);
  return together(all, (good) => `${good.length} of ${all.length} sources and Kustomizations are Ready`);
};

interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly type?: string;
    readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
  };
  readonly status: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

interface Offered {
  readonly service: string;
  readonly namespace: string;
  readonly ip: string;
  readonly tcp: readonly number[];
}

/** Services with an address of a pool, or why nothing can be said of it. */
const offered = async (looks: Looks, pool: string): Promise<readonly Offered[] | Verdict> => {
  const range = looks.plan.loadBalancerPools.find(({ name }) => name === pool)?.range;
  if (range === undefined) return skip(`the spec has no load-balancer pool ${pool}`);
  const found = await looks.list<Service>('/api/v1/services');
  if ('why' in found) return found.why.endsWith(')') ? skip(found.why) : fail(found.why, 'kubectl get services -A');
  const list = found.data.flatMap(({ metadata, spec, status }) =>
    (status.loadBalancer?.ingress ?? [])
      .filter(({ ip }) => ip !== undefined && Ipv4.fault(ip) === undefined && range.contains(Ipv4.parse(ip)))
      .map(({ ip = '' }) => ({
        ...{ service: metadata.name, namespace: metadata.namespace, ip },
        tcp: (spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP').map(({ port }) => port),
      })),
  );
  return list.length === 0
    ? skip(`no service has an address of pool ${pool} (${range.toString()})`, 'Flux makes it: see flux-sync')
    : list;
};

export const ingress = async (looks: Looks): Promise<Verdict> => {
  const found = await offered(looks, 'ingress');
  if ('outcome' in found) return found;
  const doors = found.flatMap(({ tcp, ...rest }) => tcp.map((port) => ({ ...rest, port })));
  const parts = await Promise.all(
    doors.map(async ({ ip, port, service, namespace }): Promise<Part> => {
      const answer = await look(() => looks.readers.connects(ip, port));
      if ('data' in answer) return { good: `${ip}:${port}` };
      return {
        bad: `${ip}:${port} of service ${service}: ${answer.why}`,
        fix: `kubectl -n ${namespace} describe service ${service}`,
      };
    }),
  );
  return together(parts, (good) => `${good.join(', ')} take connections`);
};

export const dns = async (looks: Looks): Promise<Verdict> => {
  const found = await offered(looks, 'dns');
  if ('outcome' in found) return found;
  const zone = looks.plan.platform.domain ?? 'localhost';
  const parts = await Promise.all(
    found.map(async ({ ip, service, namespace }): Promise<Part> => {
      const answer = await look(() => looks.readers.dnsAnswers(ip, zone));
      if ('data' in answer) return { good: ip };
      return {
        bad: `${ip} of service ${service} gives no answer: ${answer.why}`,
        fix: `kubectl -n ${namespace} describe service ${service}`,
      };
    }),
  );
  return together(parts, (good) => `${good.join(', ')} answer to DNS`);
};
