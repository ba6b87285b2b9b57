import { kubeVipObjects } from '../../../modules/kube-vip/kube-vip-manifest';
import type { ClusterPlan } from '../../../modules/model/cluster-plan';
import { objectPath, type NamedObject } from '../../../operations/kubernetes/object-path';
import { lookAtManifests, syncManifests } from '../../../operations/sync-manifests/sync-manifests';
import { examplePlan } from '../../setup/example-plan';

const DAEMON_SET = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-vip';
const ROLE = '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles/kube-vip';

/** What runs, by path, and what was asked for. */
class FakeApi {
  readonly objects = new Map<string, object>();
  readonly calls: string[] = [];

  constructor(plan: ClusterPlan) {
    for (const object of kubeVipObjects(plan) as readonly NamedObject[]) this.objects.set(objectPath(object), object);
  }
  find<Found>(path: string): Promise<Found | undefined> {
    return Promise.resolve(this.objects.get(path) as Found | undefined);
  }
  apply(path: string, object: object, manager?: string): Promise<void> {
    this.calls.push(`apply ${path} as ${manager ?? ''}`);
    this.objects.set(path, object);
    return Promise.resolve();
  }
  delete(path: string): Promise<void> {
    this.calls.push(`delete ${path}`);
    this.objects.delete(path);
    return Promise.resolve();
  }
}

const newer = (plan: ClusterPlan): ClusterPlan => ({ ...plan, versions: { ...plan.versions, kubeVip: '0.9.9' } });

describe('T-12b what Talos made and never changes', () => {
  const plan = examplePlan();

  test('is left alone where it is as planned', async () => {
    const api = new FakeApi(plan);
    expect((await syncManifests(plan, api)).map(({ object, action }) => `${object} ${action}`)).toEqual([
      'ServiceAccount kube-system/kube-vip none',
      'Role kube-system/kube-vip none',
      'RoleBinding kube-system/kube-vip none',
      'DaemonSet kube-system/kube-vip none',
    ]);
    expect(api.calls).toEqual([]);
  });

  test('is made as planned, under the name by which Talos made it, and only what differs', async () => {
    const api = new FakeApi(plan);
    const steps = await syncManifests(newer(plan), api);
    expect(steps[3]).toEqual({
      object: 'DaemonSet kube-system/kube-vip',
      action: 'change',
      differences: [
        'spec.template.spec.containers.kube-vip.image is "ghcr.io/kube-vip/kube-vip:v0.9.2", planned "ghcr.io/kube-vip/kube-vip:v0.9.9"',
      ],
    });
    expect(api.calls).toEqual([`apply ${DAEMON_SET} as talos`]);
    expect((await lookAtManifests(newer(plan), api)).every(({ action }) => action === 'none')).toBe(true);
  });

  test('is made where it is missing', async () => {
    const api = new FakeApi(plan);
    api.objects.delete(ROLE);
    expect((await syncManifests(plan, api)).map(({ action }) => action)).toEqual(['none', 'create', 'none', 'none']);
    expect(api.calls).toEqual([`apply ${ROLE} as talos`]);
  });

  test('is only looked at on demand', async () => {
    const api = new FakeApi(plan);
    expect((await lookAtManifests(newer(plan), api)).map(({ action }) => action)).toEqual([
      'none',
      'none',
      'none',
      'change',
    ]);
    expect(api.calls).toEqual([]);
  });

  test("goes where Talos' own VIP has taken its place, pods first", async () => {
    const api = new FakeApi(plan);
    const own = examplePlan({ endpoint: { ...plan.endpoint, provider: 'talos' } });
    expect((await syncManifests(own, api)).map(({ object, action }) => `${object} ${action}`)).toEqual([
      'DaemonSet kube-system/kube-vip delete',
      'RoleBinding kube-system/kube-vip delete',
      'Role kube-system/kube-vip delete',
      'ServiceAccount kube-system/kube-vip delete',
    ]);
    expect(api.objects.size).toBe(0);
    expect((await lookAtManifests(own, api)).every(({ action }) => action === 'none')).toBe(true);
  });
});
