import { parse } from 'yaml';
import { mergeArguments } from '../../../lab/control-plane/arguments';
import type { Component } from '../../../lab/control-plane/component';
import { controlPlaneComponents } from '../../../lab/control-plane/components';
import { readNodeConfig, type ControlPlaneConfig, type NodeConfig } from '../../../lab/control-plane/machine-config';
import { machineConfigs } from './testbed/machine-configs';

describe('arguments of the control plane', () => {
  let config: NodeConfig;

  beforeAll(async () => {
    const nodes = [{ name: 'controlplane0', address: '10.0.1.1', role: 'controlplane' }] as const;
    config = readNodeConfig((await machineConfigs({ nodes, vip: '10.0.3.1' }))['controlplane0'] ?? {});
  });

  const components = (change: Partial<ControlPlaneConfig> = {}): Component[] => {
    if (config.controlPlane === undefined) throw new Error('not a control plane');
    return controlPlaneComponents({
      config,
      controlPlane: { ...config.controlPlane, ...change },
      secrets: { apiServer: '/s/api', controllerManager: '/s/kcm', scheduler: '/s/sched' },
      address: '10.0.1.1',
      configPath: '/c',
      auditPath: '/audit',
    });
  };
  const one = (name: string, change: Partial<ControlPlaneConfig> = {}): Component => {
    const found = components(change).find((component) => component.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const withArgs = (extraArgs: Record<string, string[]>): Partial<ControlPlaneConfig> => ({
    apiServer: { image: 'registry.k8s.io/kube-apiserver:v1.35.0', env: {}, enabled: true, extraArgs },
  });

  test('the API server has what Talos gives it', () => {
    const args = one('kube-apiserver').args.filter((arg) => !arg.startsWith('--tls-cipher-suites='));
    expect(args).toEqual([
      '--admission-control-config-file=/c/kube-apiserver/admission-control-config.yaml',
      '--advertise-address=10.0.1.1',
      '--allow-privileged=true',
      '--anonymous-auth=false',
      '--api-audiences=https://10.0.3.1:6443',
      '--audit-log-maxage=30',
      '--audit-log-maxbackup=10',
      '--audit-log-maxsize=100',
      '--audit-log-path=/audit/kube-apiserver.log',
      '--audit-policy-file=/c/kube-apiserver/auditpolicy.yaml',
      '--authorization-config=/c/kube-apiserver/authorization-config.yaml',
      '--bind-address=0.0.0.0',
      '--client-ca-file=/s/api/ca.crt',
      '--default-watch-cache-size=25',
      '--enable-admission-plugins=NodeRestriction',
      '--enable-bootstrap-token-auth=true',
      '--encryption-provider-config=/s/api/encryptionconfig.yaml',
      '--etcd-cafile=/s/api/etcd-client-ca.crt',
      '--etcd-certfile=/s/api/etcd-client.crt',
      '--etcd-keyfile=/s/api/etcd-client.key',
      '--etcd-servers=https://127.0.0.1:2379',
      '--kubelet-client-certificate=/s/api/apiserver-kubelet-client.crt',
      '--kubelet-client-key=/s/api/apiserver-kubelet-client.key',
      '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
      '--profiling=false',
      '--proxy-client-cert-file=/s/api/front-proxy-client.crt',
      '--proxy-client-key-file=/s/api/front-proxy-client.key',
      '--requestheader-allowed-names=front-proxy-client',
      '--requestheader-client-ca-file=/s/api/aggregator-ca.crt',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-username-headers=X-Remote-User',
      '--secure-port=6443',
      '--service-account-issuer=https://10.0.3.1:6443',
      '--service-account-key-file=/s/api/service-account.pub',
      '--service-account-signing-key-file=/s/api/service-account.key',
      '--service-cluster-ip-range=10.96.0.0/12',
      '--tls-cert-file=/s/api/apiserver.crt',
      '--tls-min-version=VersionTLS12',
      '--tls-private-key-file=/s/api/apiserver.key',
    ]);
  });

  test('Node and RBAC authorize, and PodSecurity admits the baseline but for kube-system', () => {
    const { files } = one('kube-apiserver');
    expect(parse(files['/c/kube-apiserver/authorization-config.yaml'] ?? '')).toEqual({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthorizationConfiguration',
      authorizers: [
        { type: 'Node', name: 'node' },
        { type: 'RBAC', name: 'rbac' },
      ],
    });
    expect(parse(files['/c/kube-apiserver/admission-control-config.yaml'] ?? '')).toMatchObject({
      kind: 'AdmissionConfiguration',
      plugins: [
        {
          name: 'PodSecurity',
          configuration: { defaults: { enforce: 'baseline' }, exemptions: { namespaces: ['kube-system'] } },
        },
      ],
    });
  });

  test('extra arguments are added, replace, or are refused', () => {
    const args = one(
      'kube-apiserver',
      withArgs({ 'enable-admission-plugins': ['PodNodeSelector'], 'audit-log-maxage': ['7'] }),
    ).args;
    expect(args).toContain('--enable-admission-plugins=NodeRestriction,PodNodeSelector');
    expect(args).toContain('--audit-log-maxage=7');
    expect(() => one('kube-apiserver', withArgs({ 'etcd-servers': ['https://elsewhere'] }))).toThrow(
      'extra arg "etcd-servers" is not allowed',
    );
  });

  test('an authorization mode in extra arguments brings the flag back', () => {
    const args = one('kube-apiserver', withArgs({ 'authorization-mode': ['Webhook'] })).args;
    expect(args).toContain('--authorization-mode=Node,RBAC,Webhook');
    expect(args.some((arg) => arg.startsWith('--authorization-config='))).toBe(false);
  });

  test('controller manager and scheduler have what Talos gives them', () => {
    expect(one('kube-controller-manager').args).toEqual([
      '--allocate-node-cidrs=true',
      '--authentication-kubeconfig=/s/kcm/kubeconfig',
      '--authorization-kubeconfig=/s/kcm/kubeconfig',
      '--bind-address=127.0.0.1',
      '--cluster-cidr=10.244.0.0/16',
      '--cluster-signing-cert-file=/s/kcm/ca.crt',
      '--cluster-signing-key-file=/s/kcm/ca.key',
      '--configure-cloud-routes=false',
      '--controllers=*,tokencleaner',
      '--kube-api-burst=400',
      '--kube-api-qps=200',
      '--kubeconfig=/s/kcm/kubeconfig',
      '--leader-elect=true',
      '--profiling=false',
      '--root-ca-file=/s/kcm/ca.crt',
      '--service-account-private-key-file=/s/kcm/service-account.key',
      '--service-cluster-ip-range=10.96.0.0/12',
      '--tls-min-version=VersionTLS13',
      '--use-service-account-credentials=true',
    ]);
    expect(one('kube-scheduler').args).toEqual([
      '--authentication-kubeconfig=/s/sched/kubeconfig',
      '--authentication-tolerate-lookup-failure=false',
      '--authorization-kubeconfig=/s/sched/kubeconfig',
      '--bind-address=127.0.0.1',
      '--config=/c/kube-scheduler/scheduler-config.yaml',
      '--leader-elect=true',
      '--profiling=false',
      '--tls-min-version=VersionTLS13',
    ]);
    expect(parse(one('kube-scheduler').files['/c/kube-scheduler/scheduler-config.yaml'] ?? '')).toEqual({
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig: '/s/sched/kubeconfig' },
    });
  });

  test('a change of a file, of a name in the certificate or of an image is another revision of one component', () => {
    const before = components().map(({ revision }) => revision);
    const changed = (change: Partial<ControlPlaneConfig>): boolean[] =>
      components(change).map(({ revision }, index) => revision !== before[index]);
    expect(changed({})).toEqual([false, false, false]);
    expect(changed({ auditPolicy: { rules: [] } })).toEqual([true, false, false]);
    expect(changed({ certSans: ['10.0.3.9'] })).toEqual([true, false, false]);
    const image = 'registry.k8s.io/kube-controller-manager:v1.35.1';
    expect(changed({ controllerManager: { image, env: {}, enabled: true, extraArgs: {} } })).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('a component that is disabled is not run', () => {
    const disabled = { image: 'x:v1.35.0', env: {}, enabled: false, extraArgs: {}, config: {} };
    expect(components({ scheduler: disabled }).map(({ name }) => name)).toEqual([
      'kube-apiserver',
      'kube-controller-manager',
    ]);
  });

  test('an additive flag is not said twice', () => {
    expect(mergeArguments({ a: ['x,y'] }, { a: ['y', 'z'] }, { a: 'additive' })).toEqual({ a: ['x,y,z'] });
  });
});
