import { examples, type Define } from '../command';
import { findCluster, InputError } from '../deployment/find-cluster';
import { sayPlainly } from '../deployment/plain-error';
import { runningCluster } from '../deployment/running-cluster';
import { removeNode } from './remove-node';

interface RemoveFlags {
  readonly cluster?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly drainTimeout: string;
}

/** `groundwork node`: single nodes of a running cluster. */
export const node: Define = (command, run) => {
  command
    .command('remove')
    .description('drain a node, take it out of etcd, wipe it, switch it off, delete its Node; then lower count, deploy')
    .argument('<node>', 'the last node of its pool, as worker1')
    .option('--cluster <name>', 'where there are several')
    .option('--dry-run', 'only say what would be done')
    .option('--force', 'evict pods too that nobody makes again elsewhere')
    .option('--drain-timeout <seconds>', 'how long disruption budgets may hold it up', '600')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork node remove worker1 --dry-run', 'npx groundwork node remove controlplane4'],
        'a node that may not go, pods that do not go, or bad input',
      ),
    )
    .action((name: string, flags: RemoveFlags) =>
      run(async ({ environment, out, err }) => {
        const seconds = Number(flags.drainTimeout);
        if (!(seconds > 0)) throw new InputError(`--drain-timeout is "${flags.drainTimeout}"; give seconds above 0`);
        const cluster = await runningCluster(findCluster(flags.cluster, environment), environment);
        const options = { dryRun: flags.dryRun === true, force: flags.force === true, drainMs: seconds * 1_000 };
        const say = (line: string): void => err(`${line}\n`);
        const next = await removeNode({ ...cluster, say }, name, options).catch(
          sayPlainly('the same command goes on from here'),
        );
        out(`next: ${next}\n`);
        return 0;
      }),
    );
};
