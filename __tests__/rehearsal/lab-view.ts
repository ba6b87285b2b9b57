import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../lab/rehearsal/checks';
import { KubernetesApi } from '../../lab/rehearsal/kubernetes-api';
import { TalosApi } from '../../lab/rehearsal/talos-api';
import { fetchCredentials } from '../../lab/rehearsal/terraform';
import { readSite } from '../../lab/site/read-site';
import { runCommand } from '../../lab/world/command';
import { PLACES } from '../../lab/world/places';
import type { RunningLab, RunOptions } from '../../lab/world/running-lab';
import { nodeCommand } from '../../lab/world/shell';

/** What a check uses of a lab: a process beside the lab's first one has no more. */
type LabView = Pick<RunningLab, 'environment' | 'checkout' | 'logFolder' | 'site' | 'run' | 'inNode'> & {
  readonly hypervisor: Pick<RunningLab['hypervisor'], 'isRunning'>;
};

const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
);

const isRunning = (vmid: number): boolean => {
  try {
    readFileSync(join(PLACES.machines, String(vmid), 'pid'));
    return true;
  } catch {
    return false;
  }
};

/** The lab as the last synth describes it: nodes that were added or removed since the lab began included. */
export const labView = (stack: string): LabView => {
  const json: unknown = JSON.parse(readFileSync(join(PLACES.output, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  const logFolder = ENVIRONMENT['CDKTF_LOG_FILE_DIRECTORY'] ?? PLACES.temporary;
  const run = (command: string, args: readonly string[], options: RunOptions = {}) =>
    runCommand(command, args, {
      cwd: options.cwd ?? process.cwd(),
      environment: { ...ENVIRONMENT, ...options.environment },
      ...(options.log === undefined ? {} : { logFile: join(logFolder, `${options.log}.log`) }),
    });
  return {
    environment: ENVIRONMENT,
    checkout: process.cwd(),
    logFolder,
    site: readSite(stack, json),
    hypervisor: { isRunning },
    run,
    inNode: (vmid, command, options) => {
      const [program = '', ...args] = nodeCommand(vmid, command);
      return run(program, args, options);
    },
  };
};

/**
 * The deployed cluster, as the checks of a rehearsal want it.
 * @throws Error where the deploy gave no credentials
 */
export const clusterView = async (stack: string, patienceMs: number): Promise<Cluster> => {
  // The checks of a cluster ask for nothing that the view lacks.
  const lab = labView(stack) as RunningLab;
  const { kubeconfig, talosconfig } = await fetchCredentials(lab);
  return { lab, api: new KubernetesApi(kubeconfig), talos: new TalosApi(talosconfig), patienceMs };
};
