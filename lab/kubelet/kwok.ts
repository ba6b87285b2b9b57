import { join } from 'node:path';
import { stringify } from 'yaml';
import { LAB_ENVIRONMENT } from '../control-plane/differences';
import { writeSecretFile } from '../control-plane/secret-file';
import { HELPER_RESTARTS, type ProcessSpec } from '../control-plane/supervised-process';

const POD = { apiGroup: 'v1', kind: 'Pod' };

/** One condition of a stage; `key` is a jq expression on the object. */
interface Expression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

const stage = (name: string, resourceRef: object, matchExpressions: readonly Expression[], next: object): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec: { resourceRef, selector: { matchExpressions }, next },
});

const READY_STATUS = `
{{ $now := Now }}
conditions:
- lastTransitionTime: {{ $now | Quote }}
  status: "True"
  type: Initialized
- lastTransitionTime: {{ $now | Quote }}
  status: "True"
  type: Ready
- lastTransitionTime: {{ $now | Quote }}
  status: "True"
  type: ContainersReady
{{ range .spec.readinessGates }}
- lastTransitionTime: {{ $now | Quote }}
  status: "True"
  type: {{ .conditionType | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
initContainerStatuses:
{{ range .spec.initContainers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}
  {{ else }}
  state:
    terminated:
      exitCode: 0
      finishedAt: {{ $now | Quote }}
      reason: Completed
      startedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
phase: Running
startTime: {{ $now | Quote }}
`;

const COMPLETE_STATUS = `
{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
- image: {{ .image | Quote }}
  name: {{ .name | Quote }}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: 0
      finishedAt: {{ $now | Quote }}
      reason: Completed
      startedAt: {{ $now | Quote }}
{{ end }}
phase: Succeeded
`;

/**
 * The life of a pod as kwok plays it: ready once our kubelet has said `PodReadyToStartContainers` (the network is
 * there), complete where a Job owns it, gone when it is deleted. Left alone are mirror pods, and pods with one of
 * `ownImages` (repositories without tag), which our kubelet runs.
 */
export const kwokStages = (ownImages: readonly string[]): object[] => {
  const isOwn = ownImages.map((image) => `test("^${image.replaceAll('.', '[.]')}([:@]|$)")`).join(' or ');
  const others: Expression[] = [
    { key: '.metadata.annotations["kubernetes.io/config.mirror"]', operator: 'DoesNotExist' },
    ...(ownImages.length === 0
      ? []
      : [{ key: `[.spec.containers[].image | ${isOwn}] | any`, operator: 'NotIn', values: ['true'] } as const]),
  ];
  const alive: Expression = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
  return [
    stage(
      'pod-ready',
      POD,
      [
        ...others,
        alive,
        { key: '.status.podIP', operator: 'DoesNotExist' },
        {
          key: '.status.conditions[] | select(.type == "PodReadyToStartContainers") | .status',
          operator: 'In',
          values: ['True'],
        },
      ],
      { statusTemplate: READY_STATUS },
    ),
    stage(
      'pod-complete',
      POD,
      [
        ...others,
        alive,
        { key: '.status.phase', operator: 'In', values: ['Running'] },
        { key: '.metadata.ownerReferences[].kind', operator: 'In', values: ['Job'] },
      ],
      { statusTemplate: COMPLETE_STATUS },
    ),
    stage('pod-delete', POD, [...others, { key: '.metadata.deletionTimestamp', operator: 'Exists' }], { delete: true }),
    // Without a node stage kwok takes its own, which would heartbeat in our kubelet's place.
    stage('node-never', { apiGroup: 'v1', kind: 'Node' }, [{ key: '.metadata.name', operator: 'DoesNotExist' }], {}),
  ];
};

export interface KwokInput {
  readonly binary: string;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Kubeconfig with the node's own certificate. */
  readonly kubeconfig: string;
  /** Folder for its configuration. */
  readonly path: string;
  readonly logPath: string;
  readonly ownImages: readonly string[];
}

/** Writes kwok's configuration and gives the process that plays this node's pods. */
export const kwokProcess = (input: KwokInput): ProcessSpec => {
  const config = writeSecretFile(
    join(input.path, 'kwok.yaml'),
    kwokStages(input.ownImages)
      .map((document) => stringify(document, { lineWidth: 0 }))
      .join('---\n'),
  );
  return {
    name: 'kwok',
    command: input.binary,
    args: [
      `--config=${config}`,
      `--kubeconfig=${input.kubeconfig}`,
      `--manage-single-node=${input.nodeName}`,
      `--node-ip=${input.nodeAddress}`,
      '--node-lease-duration-seconds=0',
    ],
    env: { ...LAB_ENVIRONMENT, HOME: input.path },
    logFile: join(input.logPath, 'kwok.log'),
    restarts: HELPER_RESTARTS,
  };
};
