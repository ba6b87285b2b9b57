import { InvalidArgumentError } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { examples, type Define, type Surroundings } from '../command';
import { findCluster, type Environment } from '../deployment/find-cluster';
import { reportOf, tally, type Finding } from '../finding';
import { health, HEALTH_CHECK_NAMES } from './health';
import { readersOf } from './readers';

interface Flags {
  readonly json?: boolean;
  /** Seconds between two looks; true: the default. */
  readonly watch?: number | true;
  /** Seconds. */
  readonly timeout: number;
}

const WATCH_S = 5;
const CLEAR = '\u001b[H\u001b[2J';

const seconds = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && value <= 600)) throw new InvalidArgumentError('give seconds, more than 0 and 600 at most');
  return value;
};

interface Look {
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

const lookAt = async (plan: ClusterPlan, environment: Environment, { timeout }: Flags): Promise<Look> => {
  const began = performance.now();
  const limitMs = timeout * 1000;
  const findings = await health(plan, await readersOf(plan, environment, limitMs), limitMs);
  return { findings, seconds: (performance.now() - began) / 1000 };
};

const tell = (
  { findings, seconds: took }: Look,
  { name }: ClusterPlan,
  { out, err, colours }: Surroundings,
  flags: Flags,
): 0 | 1 => {
  const watching = flags.watch !== undefined;
  if (flags.json === true) {
    const found = { format: 1, cluster: name, at: new Date().toISOString(), findings };
    out(`${JSON.stringify(found, undefined, watching ? undefined : 2)}\n`);
  } else out(`${watching && colours ? CLEAR : ''}${reportOf(findings, HEALTH_CHECK_NAMES, colours)}`);
  err(`${name}: ${tally(findings)}, in ${took.toFixed(1)} s\n`);
  return findings.some(({ outcome }) => outcome === 'FAIL') ? 1 : 0;
};

/**
 * Looks again and again until Ctrl-C; the status is that of the last look that nothing has interrupted. What is looked
 * with, as Terraform, has had the signal too, and fails.
 */
export const again = async <T>(look: () => Promise<T>, told: (looked: T) => 0 | 1, everyMs: number): Promise<0 | 1> => {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  // Each time: npx and timeout(1) hand on what the terminal sends to all, and a second signal would end it with another status.
  process.on('SIGINT', end).on('SIGTERM', end);
  let status: 0 | 1 | undefined;
  try {
    for (;;) {
      const looked = await Promise.allSettled([look()]);
      if (stop.signal.aborted && status !== undefined) return status;
      if (looked[0].status === 'rejected') throw looked[0].reason;
      status = told(looked[0].value);
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
      if (stop.signal.aborted) return status;
    }
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
};

/** `groundwork health`: is a deployed cluster as it should be? */
export const healthCommand: Define = (command, run) => {
  command
    .argument('[cluster]', 'its name; left out: the only one')
    .option('--watch [seconds]', `look again every so many seconds (default: ${WATCH_S}), until Ctrl-C`, seconds)
    .option('--timeout <seconds>', 'of each call', seconds, 10)
    .option('--json', 'as JSON; with --watch a line for each look')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork health', 'npx groundwork health infrastructure --watch 10', 'npx groundwork health --json'],
        'a check that failed, or bad input',
      ),
    )
    .action((cluster: string | undefined, flags: Flags) =>
      run((surroundings) => {
        const plan = findCluster(cluster, surroundings.environment);
        const look = (): Promise<Look> => lookAt(plan, surroundings.environment, flags);
        const told = (looked: Look): 0 | 1 => tell(looked, plan, surroundings, flags);
        if (flags.watch === undefined) return look().then(told);
        return again(look, told, (flags.watch === true ? WATCH_S : flags.watch) * 1000);
      }),
    );
};
