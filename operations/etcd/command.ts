import { examples, type Define, type ExitStatus, type Surroundings } from '../command';
import { findTalosconfig, stackFolder, terraformState } from '../deployment/credentials';
import { findCluster, InputError } from '../deployment/find-cluster';
import { sayPlainly } from '../deployment/plain-error';
import { runningCluster } from '../deployment/running-cluster';
import { TalosClient } from '../talos/talos-client';
import { machineSecretsIn } from './machine-secrets';
import { restore } from './restore';
import { takeSnapshot } from './take-snapshot';
import { parseTarget } from './target';

interface SnapshotFlags {
  readonly cluster?: string;
  readonly withSecrets?: boolean;
  readonly json?: boolean;
}

const snapshot = async (target: string, flags: SnapshotFlags, surroundings: Surroundings): Promise<ExitStatus> => {
  const { environment, out, err } = surroundings;
  const plan = findCluster(flags.cluster, environment);
  const now = new Date();
  const place = parseTarget(target, plan.name, now);
  const secrets = flags.withSecrets === true ? machineSecretsIn(await terraformState(plan, environment)) : undefined;
  const talos = new TalosClient(await findTalosconfig(plan, environment));
  const say = (line: string): void => err(`${line}\n`);
  const taken = await takeSnapshot({ plan, talos, environment, now, say }, place, secrets);
  const report = { format: 1, cluster: plan.name, ...taken };
  out(flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : `${taken.target}\n`);
  return 0;
};

interface RestoreFlags {
  readonly cluster?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly timeout: string;
}

const bringBack = async (file: string, flags: RestoreFlags, surroundings: Surroundings): Promise<ExitStatus> => {
  const { environment, out, err } = surroundings;
  const seconds = Number(flags.timeout);
  if (!(seconds > 0)) throw new InputError(`--timeout is "${flags.timeout}"; give seconds above 0`);
  const cluster = await runningCluster(findCluster(flags.cluster, environment), environment);
  const { plan } = cluster;
  const tools = {
    ...cluster,
    stackFolder: stackFolder(plan, environment),
    say: (line: string): void => err(`${line}\n`),
  };
  const dryRun = flags.dryRun === true;
  await restore(tools, file, { dryRun, force: flags.force === true, limitMs: seconds * 1_000 });
  const workers = plan.nodes.filter(({ role }) => role === 'worker').map(({ name }) => name);
  if (!dryRun) {
    // Kubelets, and controllers in pods, have seen revisions that do not exist any more: kubernetes.io, "Operating etcd clusters".
    if (workers.length > 0) out(`next: npx groundwork roll --hardware ${workers.join(' ')}\n`);
    out(`next: npx cdktf deploy ${plan.stack}\n`);
  }
  return 0;
};

/** `groundwork etcd`: what Kubernetes knows, kept and brought back (O-3). */
export const etcd: Define = (command, run) => {
  command
    .command('snapshot')
    .description('a snapshot of a healthy member, checked, in a file for you alone or an object in S3')
    .argument('[target]', 'a file, a folder, or s3://<bucket>/<key>?region=<region>&endpoint=<url>', './')
    .option('--cluster <name>', 'where there are several')
    .option('--with-secrets', 'the machine secrets from the state beside it, as talosctl gen secrets writes them')
    .option('--json', 'what was taken, as JSON')
    .addHelpText(
      'after',
      examples(
        [
          'npx groundwork etcd snapshot',
          'npx groundwork etcd snapshot /var/backups/etcd/ --with-secrets',
          "npx groundwork etcd snapshot 's3://backups/infrastructure/?region=eu-central-1'",
        ],
        'no healthy member, a snapshot that is broken, a target that refuses it, or bad input',
      ),
    )
    .action((target: string, flags: SnapshotFlags) =>
      run((surroundings) => snapshot(target, flags, surroundings).catch(sayPlainly('nothing was kept'))),
    );
  command
    .command('restore')
    .description('etcd anew from a snapshot, on control planes that have no data')
    .argument('<snapshot>', 'a file that groundwork etcd snapshot, or talosctl, wrote')
    .option('--cluster <name>', 'where there are several')
    .option('--dry-run', 'look at the snapshot and the control planes, and only say what would be done')
    .option('--force', 'wipe control planes that have data: what etcd holds now is lost')
    .option('--timeout <seconds>', 'how long control planes may take to be there, and again to be members', '300')
    .addHelpText(
      'after',
      examples(
        ['npx groundwork etcd restore infrastructure.snapshot --dry-run'],
        'a snapshot that is broken, control planes that do not answer or have data, or bad input',
      ),
    )
    .action((file: string, flags: RestoreFlags) =>
      run((surroundings) =>
        bringBack(file, flags, surroundings).catch(
          sayPlainly('look at npx groundwork health; a restore that has begun etcd anew is not begun again'),
        ),
      ),
    );
};
