import { kubeVipObjects } from '../../modules/kube-vip/kube-vip-manifest';
import { objectPath, type NamedObject } from '../kubernetes/object-path';
import { unlikePlanned } from './unlike-planned';
import type { Looks } from './looks';
import { podsOn, type Pod } from './pods';
import { fail, skip, together, type Part, type Verdict } from './verdict';

/** kube-vip's objects are as the spec plans them, and a pod of it is ready on each control plane. */
export const kubeVip = async (looks: Looks): Promise<Verdict> => {
  const { plan } = looks;
  if (plan.endpoint.provider !== 'kube-vip') return skip("the VIP is Talos' own: vip.provider is talos");
  const planned = kubeVipObjects(plan) as readonly NamedObject[];
  const objects = await Promise.all(
    planned.map(async (object): Promise<Part> => {
      const what = `${object.kind} ${object.metadata.name}`;
      const found = await looks.object<object>(objectPath(object));
      if ('why' in found) {
        if (found.why.endsWith(')')) return { unseen: found.why };
        return { bad: `${what}: ${found.why}`, fix: SYNC };
      }
      const different = unlikePlanned(object, found.data);
      return different.length === 0
        ? { good: what }
        : { bad: `${what} is not as planned: ${different.join(', ')}`, fix: SYNC };
    }),
  );
  if (objects.every((part) => 'unseen' in part)) return together(objects, () => '');
  const pods = await looks.list<Pod>(
    '/api/v1/namespaces/kube-system/pods?labelSelector=app.kubernetes.io%2Fname%3Dkube-vip',
  );
  if ('why' in pods) return fail(pods.why, 'kubectl -n kube-system get pods');
  const running = await podsOn(looks, looks.controlPlanes, pods.data, {
    name: 'kube-vip',
    upTo: 'nodes',
    fix: 'kubectl -n kube-system get pods -o wide -l app.kubernetes.io/name=kube-vip',
  });
  const count = looks.controlPlanes.length;
  return together(
    [...objects, ...running],
    () => `${objects.length} objects as planned, a pod ready on ${count} of ${count} control planes`,
  );
};

/** Talos makes inline manifests and never changes one (docs/adr/0005). */
const SYNC = 'npx groundwork sync-manifests';
