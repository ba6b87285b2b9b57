import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningLab, RunOptions, RunResult } from '../world/running-lab';

/** cdktf, as a user calls it, in the checkout. */
export const cdktf = (
  lab: RunningLab,
  command: 'deploy' | 'diff' | 'destroy',
  options: RunOptions = {},
): Promise<RunResult> => {
  const approve = command === 'diff' ? [] : ['--auto-approve'];
  return lab.run(
    join(lab.checkout, 'node_modules', '.bin', 'cdktf'),
    [command, lab.site.stack, ...approve, '--no-color'],
    {
      log: `cdktf-${command}`,
      ...options,
    },
  );
};

/** Folder in which cdktf has synthesized the stack. */
const stackFolder = (lab: RunningLab): string =>
  join(lab.environment['CDKTF_OUTPUT'] ?? join(lab.checkout, 'cdktf.out'), 'stacks', lab.site.stack);

/** Addresses of all resources in the synthesized Terraform JSON. */
export const plannedResources = (lab: RunningLab): readonly string[] => {
  const { resource = {} } = JSON.parse(readFileSync(join(stackFolder(lab), 'cdk.tf.json'), 'utf8')) as {
    readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  return Object.entries(resource).flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`));
};

/** Terraform itself, in the folder that cdktf has synthesized. */
export const terraform = (lab: RunningLab, args: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
  return lab.run(
    lab.environment['TERRAFORM_BINARY_NAME'] ?? 'terraform',
    [`-chdir=${stackFolder(lab)}`, ...args],
    options,
  );
};

export interface Credentials {
  readonly kubeconfig: string;
  readonly talosconfig: string;
}

/**
 * The deploy's own credentials, from its outputs; also written where KUBECONFIG and TALOSCONFIG point, readable by the
 * lab's user alone, for the shell.
 * @throws Error where an output is missing
 */
export const fetchCredentials = async (lab: RunningLab): Promise<Credentials> => {
  const output = async (name: string, file: string | undefined): Promise<string> => {
    const { status, stdout, stderr } = await terraform(lab, ['output', '-raw', '-no-color', name]);
    if (status !== 0 || stdout === '')
      throw new Error(`terraform output ${name} failed with status ${status}: ${stderr.trim()}`);
    if (file !== undefined) writeFileSync(file, stdout, { mode: 0o600 });
    return stdout;
  };
  return {
    kubeconfig: await output('kubeconfig', lab.environment['KUBECONFIG']),
    talosconfig: await output('talosconfig', lab.environment['TALOSCONFIG']),
  };
};
