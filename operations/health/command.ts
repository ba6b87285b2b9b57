import { InvalidArgumentError } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { examples, type Define, type Surroundings } from '../command';
import { findCluster } from '../deployment/find-cluster';
import { reportOf, tally } from '../finding';
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

const once = async (
  plan: ClusterPlan,
  { environment, out, err, colours }: Surroundings,
  flags: Flags,
): Promise<0 | 1> => {
  const began = performance.now();
  const limitMs = flags.timeout * 1000;
  const findings = await health(plan, await readersOf(plan, environment, limitMs), limitMs);
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const watching = flags.watch !== undefined;
  if (flags.json === true) {
    const found = { format: 1, cluster: plan.name, at: new Date().toISOString(), findings };
    out(`${JSON.stringify(found, undefined, watching ? undefined : 2)}\n`);
  } else out(`${watching && colours ? CLEAR : ''}${reportOf(findings, HEALTH_CHECK_NAMES, colours)}`);
  err(`${plan.name}: ${tally(findings)}, in ${took} s\n`);
  return findings.some(({ outcome }) => outcome === 'FAIL') ? 1 : 0;
};

/** Looks again and again until Ctrl-C; the status is that of the last look. */
const again = async (look: () => Promise<0 | 1>, everyMs: number): Promise<0 | 1> => {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  try {
    for (;;) {
      const status = await look();
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
        const look = (): Promise<0 | 1> => once(plan, surroundings, flags);
        if (flags.watch === undefined) return look();
        return again(look, (flags.watch === true ? WATCH_S : flags.watch) * 1000);
      }),
    );
};
