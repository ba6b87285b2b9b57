import type { Container, Pod, PodSurroundings } from './pod';

/** What containerd grants a container that asks for nothing (containerd pkg/oci, defaultUnixCaps). */
const DEFAULT_CAPABILITIES = [
  ...['chown', 'dac_override', 'fsetid', 'fowner', 'mknod', 'net_raw', 'setgid', 'setuid', 'setfcap', 'setpcap'],
  ...['net_bind_service', 'sys_chroot', 'kill', 'audit_write'],
];

/** Capabilities of a container, in lower case and sorted; undefined for a privileged one, which keeps all. */
export const containerCapabilities = ({ securityContext }: Container): readonly string[] | undefined => {
  if (securityContext?.privileged === true) return undefined;
  const names = (list: readonly string[] = []): string[] => list.map((name) => name.toLowerCase().replace(/^cap_/, ''));
  const drop = names(securityContext?.capabilities?.drop);
  const add = names(securityContext?.capabilities?.add);
  if (add.includes('all')) return undefined;
  const kept = drop.includes('all') ? [] : DEFAULT_CAPABILITIES.filter((name) => !drop.includes(name));
  return [...new Set([...kept, ...add])].sort();
};

/** Value of a downward API field. @throws Error for a field that the kubelet does not know */
export const podField = (pod: Pod, path: string, where: PodSurroundings): string => {
  const { metadata, spec } = pod;
  const known: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': where.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': where.nodeAddress,
    'status.podIP': where.nodeAddress,
  };
  const value = known[path];
  if (value === undefined) throw new Error(`unsupported fieldPath "${path}"`);
  return value;
};

/** `$(NAME)` of earlier variables; `$$(NAME)` stays as `$(NAME)`; an unknown name stays as it is. */
export const expand = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (match: string, name: string | undefined) =>
    name === undefined ? '$' : (variables[name] ?? match),
  );

/**
 * Environment of a container: first what the kubelet gives every pod, then the pod's own variables in order.
 * @throws Error for a source that the lab does not have
 */
export const containerEnvironment = (
  pod: Pod,
  container: Container,
  where: PodSurroundings,
  service: { readonly address: string; readonly port: number },
): Record<string, string> => {
  if ((container.envFrom ?? []).length > 0) throw new Error('envFrom is not supported in the lab: name each variable');
  const variables: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: where.nodeName,
    KUBERNETES_SERVICE_HOST: service.address,
    KUBERNETES_SERVICE_PORT: String(service.port),
    KUBERNETES_SERVICE_PORT_HTTPS: String(service.port),
  };
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined) variables[name] = expand(value ?? '', variables);
    else if (valueFrom.fieldRef !== undefined) variables[name] = podField(pod, valueFrom.fieldRef.fieldPath, where);
    else throw new Error(`variable ${name} comes from a source that the lab does not have: use value or fieldRef`);
  }
  return variables;
};

/** Why the lab cannot run a pod as a process, or undefined where it can. */
export const refusal = (pod: Pod): string | undefined => {
  const { spec } = pod;
  const [container, ...others] = spec.containers;
  if (container === undefined || others.length > 0) return 'the lab runs one container per pod as a process';
  if ((spec.initContainers ?? []).length > 0) return 'the lab runs no init containers as processes';
  if (spec.hostNetwork !== true) return 'the lab runs a pod as a process on the host network only: set hostNetwork';
  const mounted = new Set((container.volumeMounts ?? []).map(({ name }) => name));
  const other = (spec.volumes ?? []).find((volume) => mounted.has(volume.name) && volume.projected === undefined);
  return other === undefined ? undefined : `the lab mounts projected volumes only: "${other.name}" is none`;
};

/** Where the process sees a volume, and what holds its content outside. */
export interface Mount {
  readonly source: string;
  readonly target: string;
}

/**
 * Command line that runs `command` in a mount namespace of its own, with an empty /run below which the volumes
 * stand, and with no more capabilities than the container has. Targets have to be below /run (or /var/run).
 */
export const sandboxed = (
  command: readonly string[],
  mounts: readonly Mount[],
  capabilities: readonly string[] | undefined,
): string[] => {
  const bound =
    capabilities === undefined ? [] : [`--bounding-set=-all${capabilities.map((name) => `,+${name}`).join('')}`];
  // Folders are opened before /run is covered: a source may itself be below it.
  const script = [
    'set -e',
    ...mounts.map((_, index) => `exec ${index + 5}< "$${index * 2 + 1}"`),
    'mount -t tmpfs -o mode=755 tmpfs /run',
    ...mounts.map(
      (_, index) => `mkdir -p "$${index * 2 + 2}"; mount -c --bind "/proc/self/fd/${index + 5}" "$${index * 2 + 2}"`,
    ),
    ...mounts.map((_, index) => `exec ${index + 5}<&-`),
    `shift ${mounts.length * 2}`,
    'exec "$@"',
  ].join('\n');
  const paths = mounts.flatMap(({ source, target }) => [source, target.replace(/^\/var\/run\//, '/run/')]);
  return [
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    script,
    'sandbox',
    ...paths,
    'setpriv',
    ...bound,
    ...command,
  ];
};
