import { parseAllDocuments } from 'yaml';
import { kubeVipManifest } from '../../../modules/kube-vip/kube-vip-manifest';
import { examplePlan } from '../../setup/example-plan';

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly rules?: unknown;
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly containers: readonly {
    readonly image: string;
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly securityContext: unknown;
  }[];
}

describe('T-12 kube-vip', () => {
  const objects = parseAllDocuments(kubeVipManifest(examplePlan())).map((each) => each.toJS() as KubernetesObject);
  const podSpec = objects[3]?.spec.template.spec;
  const container = podSpec?.containers[0];

  test('is a DaemonSet with a ServiceAccount and its rights, in kube-system', () => {
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      'ServiceAccount kube-system/kube-vip',
      'Role kube-system/kube-vip',
      'RoleBinding kube-system/kube-vip',
      'DaemonSet kube-system/kube-vip',
    ]);
  });

  test('runs on control planes only, before they are Ready, on the host network', () => {
    expect(podSpec).toMatchObject({
      serviceAccountName: 'kube-vip',
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
            ],
          },
        },
      },
    });
  });

  test('may change the network of the host and nothing else', () => {
    expect(container?.securityContext).toEqual({ capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] } });
    expect(objects[1]?.rules).toEqual([
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: ['plndr-cp-lock'],
        verbs: ['get', 'update'],
      },
    ]);
  });

  test("asks its own node's API server, and announces the endpoint alone", () => {
    expect(container?.image).toBe('ghcr.io/kube-vip/kube-vip:v0.9.2');
    expect(Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]))).toEqual({
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '6443',
      address: '10.0.3.1',
      port: '6443',
      vip_interface: 'eth0',
      vip_subnet: '32',
      vip_arp: 'true',
      cp_enable: 'true',
      cp_namespace: 'kube-system',
      svc_enable: 'false',
      vip_leaderelection: 'true',
      vip_leasename: 'plndr-cp-lock',
      vip_leaseduration: '5',
      vip_renewdeadline: '3',
      vip_retryperiod: '1',
      vip_nodename: undefined, // from the pod's own spec
    });
  });
});
