import { join } from 'node:path';
import { stringify } from 'yaml';
import { apiServer } from './api-server';
import { mergeArguments, policy, renderArguments, single } from './arguments';
import { asComponent, type Component, type ComponentInput } from './component';
import { LAB_ARGUMENTS } from './differences';

/** The enabled components, API server first (Talos k8s/control_plane_static_pod.go). */
export const controlPlaneComponents = (input: ComponentInput): Component[] =>
  [apiServer(input), controllerManager(input), scheduler(input)].filter(({ config }) => config.enabled);

const controllerManager = ({ config, controlPlane, secrets }: ComponentInput): Component => {
  const secret = (name: string): string => join(secrets.controllerManager, name);
  const base = single({
    ...LAB_ARGUMENTS['kube-controller-manager'],
    'allocate-node-cidrs': 'true',
    'authentication-kubeconfig': secret('kubeconfig'),
    'authorization-kubeconfig': secret('kubeconfig'),
    'bind-address': '127.0.0.1',
    'cluster-cidr': config.podSubnets.join(','),
    'cluster-signing-cert-file': secret('ca.crt'),
    'cluster-signing-key-file': secret('ca.key'),
    'configure-cloud-routes': 'false',
    controllers: '*,tokencleaner',
    kubeconfig: secret('kubeconfig'),
    'leader-elect': 'true',
    profiling: 'false',
    'root-ca-file': secret('ca.crt'),
    'service-account-private-key-file': secret('service-account.key'),
    'service-cluster-ip-range': config.serviceSubnets.join(','),
    'tls-min-version': 'VersionTLS13',
    'use-service-account-credentials': 'true',
  });
  const args = mergeArguments(base, controlPlane.controllerManager.extraArgs, {
    ...policy('additive', ['service-cluster-ip-range', 'controllers']),
    ...policy('denied', [
      ...[
        'cluster-signing-cert-file',
        'cluster-signing-key-file',
        'authentication-kubeconfig',
        'authorization-kubeconfig',
      ],
      ...['root-ca-file', 'service-account-private-key-file'],
    ]),
  });
  const component = { name: 'kube-controller-manager', config: controlPlane.controllerManager };
  return asComponent({ ...component, args: renderArguments(args), files: {} });
};

const scheduler = ({ controlPlane, secrets, configPath }: ComponentInput): Component => {
  const kubeconfig = join(secrets.scheduler, 'kubeconfig');
  const configFile = join(configPath, 'kube-scheduler', 'scheduler-config.yaml');
  const { clientConnection, ...rest } = controlPlane.scheduler.config;
  const schedulerConfig = {
    ...rest,
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { ...(clientConnection as object | undefined), kubeconfig },
  };
  const base = single({
    'authentication-kubeconfig': kubeconfig,
    'authentication-tolerate-lookup-failure': 'false',
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    config: configFile,
    'leader-elect': 'true',
    profiling: 'false',
    'tls-min-version': 'VersionTLS13',
  });
  const args = mergeArguments(base, controlPlane.scheduler.extraArgs, {
    ...policy('denied', ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig', 'config']),
  });
  const component = { name: 'kube-scheduler', config: controlPlane.scheduler };
  return asComponent({
    ...component,
    args: renderArguments(args),
    files: { [configFile]: stringify(schedulerConfig) },
  });
};
