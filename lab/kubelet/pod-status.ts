import type { LastExit } from '../control-plane/supervised-process';

/** A container as it is now. */
export interface ContainerReport {
  readonly name: string;
  readonly image: string;
  readonly isRunning: boolean;
  readonly isReady: boolean;
  readonly startedAt: Date | undefined;
  readonly restartCount: number;
  readonly lastExit: LastExit | undefined;
}

const seconds = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');

const terminated = (exit: LastExit): object => {
  // 128 + signal number, as a container runtime reports a killed process.
  const exitCode = exit.code ?? (exit.signal === 'SIGKILL' ? 137 : 143);
  return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt: seconds(exit.at) } };
};

const containerState = ({ isRunning, startedAt, name }: ContainerReport): object => {
  if (isRunning && startedAt !== undefined) return { running: { startedAt: seconds(startedAt) } };
  return { waiting: { reason: 'CrashLoopBackOff', message: `back-off restarting failed container ${name}` } };
};

/**
 * Status of a pod on the host network with one container that has been started at least once. `since` keeps the
 * time of the last change of readiness.
 */
export const runningPodStatus = (
  report: ContainerReport,
  nodeAddress: string,
  startTime: Date,
  since: Date,
): object => {
  const ready = report.isReady ? 'True' : 'False';
  const reason = report.isReady
    ? {}
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${report.name}]` };
  const condition = (type: string, status: string, at: Date, extra: object = {}): object => ({
    type,
    status,
    lastTransitionTime: seconds(at),
    ...extra,
  });
  return {
    phase: 'Running',
    hostIP: nodeAddress,
    hostIPs: [{ ip: nodeAddress }],
    podIP: nodeAddress,
    podIPs: [{ ip: nodeAddress }],
    startTime: seconds(startTime),
    conditions: [
      condition('PodReadyToStartContainers', 'True', startTime),
      condition('Initialized', 'True', startTime),
      condition('Ready', ready, since, reason),
      condition('ContainersReady', ready, since, reason),
      condition('PodScheduled', 'True', startTime),
    ],
    containerStatuses: [
      {
        name: report.name,
        image: report.image,
        imageID: '',
        ready: report.isReady,
        started: report.isRunning,
        restartCount: report.restartCount,
        state: containerState(report),
        lastState: report.lastExit === undefined ? {} : terminated(report.lastExit),
      },
    ],
  };
};
