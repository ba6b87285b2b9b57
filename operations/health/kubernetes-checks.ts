import type { Looks, KubernetesNode } from './looks';
import { conditionOf, isByCertificate, isReady } from './looks';
import { partOf } from './machine-checks';
import { fail, pass, skip, together, type Part, type Verdict } from './verdict';

/** Names of what `/readyz?verbose` marks as not good. */
const failing = (body: string): string =>
  body
    .split('\n')
    .flatMap((line) => /^\[-\](\S+)/.exec(line)?.[1] ?? [])
    .join(', ') ||
  body.trim().split('\n').at(-1) ||
  'no reason given';

/** The API server of each control plane, at the node's own address. */
export const kubernetesApi = async (looks: Looks): Promise<Verdict> => {
  const { plan, readers } = looks;
  const access = looks.usable(readers.kubernetes);
  if ('why' in access) {
    return isByCertificate(access.why) ? skip(access.why) : fail(access.why, `npx groundwork credentials ${plan.name}`);
  }
  const planes = looks.controlPlanes;
  const parts = await Promise.all(
    planes.map(async (node): Promise<Part> => {
      const at = node.address.toString();
      const fix = `talosctl -n ${at} logs -k kube-system/kube-apiserver-${node.name}:kube-apiserver`;
      const judged = await partOf(
        looks,
        node,
        'etcd',
        await looks.ready(at),
        ({ status, body }): Part =>
          status === 200
            ? { good: node.name }
            : { bad: `${node.name}: /readyz is ${status}, for ${failing(body)}`, fix },
        fix,
      );
      // An API server without its etcd is alive, and says so
      const cause = 'bad' in judged ? await looks.cause(node, 'etcd') : undefined;
      return cause === undefined ? judged : { unseen: cause };
    }),
  );
  return together(parts, (good) => `ready on ${good.length} of ${planes.length} control planes`);
};

interface Lease {
  readonly spec: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly renewTime?: string;
  };
}

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/plndr-cp-lock';

/** The API answers at the VIP, and who holds the VIP. */
/** An etcd with an alarm takes no writes, and a lease that nobody can renew ends. */
const writesStopped = async (looks: Looks): Promise<string | undefined> => {
  const found = await Promise.all(looks.controlPlanes.map((node) => looks.etcd(node)));
  const [alarm] = found.flatMap((one) => ('data' in one ? one.data.alarms : []));
  return alarm && `etcd takes no writes, alarm ${alarm.alarm} (etcd)`;
};

/** The VIP, where no other check knows why nobody has it. */
export const vip = async (looks: Looks): Promise<Verdict> => {
  const verdict = await vipHolder(looks);
  if (verdict.outcome !== 'FAIL' || looks.plan.endpoint.provider !== 'kube-vip') return verdict;
  const why = await writesStopped(looks);
  return why === undefined ? verdict : skip(`${verdict.fact}: ${why}`);
};

const vipHolder = async (looks: Looks): Promise<Verdict> => {
  const { plan, readers } = looks;
  const { url, provider } = plan.endpoint;
  const access = looks.usable(readers.kubernetes);
  if ('why' in access) return skip(`${access.why}${isByCertificate(access.why) ? '' : ' (kubernetes-api)'}`);
  const [answer, lease] = await Promise.all([
    looks.ready(plan.endpoint.vip.toString()),
    provider === 'kube-vip' ? looks.object<Lease>(LEASE) : undefined,
  ]);
  const holder = lease !== undefined && 'data' in lease ? (lease.data.spec.holderIdentity ?? '') : undefined;
  const held = holder === undefined ? '' : `; the lease is held by ${holder || 'nobody'}`;
  const fix =
    provider === 'talos'
      ? `talosctl -n ${looks.controlPlanes.map(({ address }) => address.toString()).join(',')} get addresses`
      : `kubectl --server https://${looks.controlPlanes[0]?.address.toString() ?? ''}:6443 -n kube-system delete pods -l app.kubernetes.io/name=kube-vip --field-selector spec.nodeName=${holder || '<holder>'}`;
  if ('why' in answer) {
    if (isByCertificate(answer.why)) return skip(`${url}: ${answer.why}`);
    if (lease !== undefined && 'why' in lease && lease.why.endsWith('(kubernetes-api)')) return skip(lease.why);
    return fail(`nobody answers at ${url}: ${answer.why}${held}`, fix);
  }
  if (answer.data.status !== 200) {
    const own = await Promise.all(looks.controlPlanes.map(({ address }) => looks.ready(address.toString())));
    const someSick = own.some((look) => !('data' in look && look.data.status === 200));
    const fact = `${url}: /readyz is ${answer.data.status}, for ${failing(answer.data.body)}${held}`;
    return someSick ? skip(`${fact} (kubernetes-api)`) : fail(fact, fix);
  }
  if (lease === undefined) return pass(`the API answers at ${url}; Talos elects who holds it`);
  if ('why' in lease) return fail(`the API answers at ${url}, but kube-vip's lease can not be read: ${lease.why}`, fix);
  if (looks.controlPlanes.every(({ name }) => name !== holder)) {
    return fail(`the API answers at ${url}${held}, which is no control plane`, fix);
  }
  const { renewTime, leaseDurationSeconds = 0 } = lease.data.spec;
  const age = renewTime === undefined ? Infinity : (readers.now().getTime() - new Date(renewTime).getTime()) / 1000;
  // Clocks may differ by as much as the check on time allows.
  if (age > leaseDurationSeconds + 4) {
    return fail(`the API answers at ${url}${held}, who renewed it ${Math.round(age)} s ago`, fix);
  }
  return pass(`the API answers at ${url}${held}`);
};

export const nodes = async (looks: Looks): Promise<Verdict> => {
  const { plan } = looks;
  const found = await looks.nodeObjects();
  if ('why' in found) return found.why.endsWith(')') ? skip(found.why) : fail(found.why, 'kubectl get nodes');
  const objectOf = (name: string): KubernetesNode | undefined =>
    found.data.find(({ metadata }) => metadata.name === name);
  const strangers = found.data
    .filter(({ metadata }) => plan.nodes.every(({ name }) => name !== metadata.name))
    .map(({ metadata: { name } }): Part => ({ bad: `${name} is not planned`, fix: `kubectl delete node ${name}` }));
  const parts = await Promise.all(
    plan.nodes.map(async (node): Promise<Part> => {
      const { name } = node;
      const object = objectOf(name);
      if (object !== undefined && isReady(object)) {
        const address = object.status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? 'no address';
        return address === node.address.toString()
          ? { good: name }
          : {
              bad: `${name} is at ${address}, planned at ${node.address.toString()}`,
              fix: `talosctl -n ${node.address.toString()} get nodeip`,
            };
      }
      const cause = await looks.cause(node, 'talos-api');
      if (cause !== undefined) return { unseen: cause };
      const fix = `kubectl describe node ${name}`;
      if (object === undefined)
        return { bad: `${name} has not registered`, fix: `talosctl -n ${node.address.toString()} logs kubelet` };
      return { bad: `${name} is not Ready: ${conditionOf(object, 'Ready')?.message ?? 'no condition'}`, fix };
    }),
  );
  const cordoned = plan.nodes.filter(({ name }) => objectOf(name)?.spec.unschedulable === true).map(({ name }) => name);
  return together(
    [...parts, ...strangers],
    (good) =>
      `${good.length} of ${plan.nodes.length} Ready${cordoned.length > 0 ? `; cordoned: ${cordoned.join(', ')}` : ''}`,
  );
};
