import { createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { InputError, type Environment } from '../deployment/find-cluster';
import { controlPlanes } from '../deployment/running-cluster';
import { lookAtEtcd } from '../talos/etcd-quorum';
import type { TalosClient } from '../talos/talos-client';
import { putObject } from './object-upload';
import { checkSnapshot, type SnapshotFacts } from './snapshot-file';
import { secretsBeside, showTarget, type Target } from './target';

export interface SnapshotTools {
  readonly plan: ClusterPlan;
  readonly talos: Pick<TalosClient, 'services' | 'etcdMembers' | 'etcdSnapshot'>;
  readonly environment: Environment;
  readonly now: Date;
  /** Told each step. */
  readonly say: (line: string) => void;
}

/** A snapshot that was taken, checked, and put where it was to go. */
export interface TakenSnapshot extends SnapshotFacts {
  /** Control plane whose member it is of. */
  readonly member: string;
  readonly target: string;
  /** Where the machine secrets went, where they were asked for. */
  readonly secrets?: string;
}

const keep = async (file: string, target: Target, { environment, now }: SnapshotTools): Promise<void> => {
  if (target.kind === 's3') await putObject(file, target, environment, now);
  else renameSync(file, target.path);
};

/** A store says so itself, when the object comes. */
const refuseTaken = (target: Target): void => {
  if (target.kind === 'file' && existsSync(target.path))
    throw new InputError(`${target.path} is there already, and is left as it is; give another name`);
};

/** A folder that only this user can read, on the file system of the target where that is a file. */
const workFolder = (target: Target): string => {
  if (target.kind === 's3') return mkdtempSync(join(tmpdir(), 'groundwork-'));
  mkdirSync(dirname(target.path), { recursive: true });
  return mkdtempSync(join(dirname(target.path), '.unfinished-'));
};

/**
 * Takes a snapshot of a healthy member, checks it, and puts it where it is to go, for its owner alone.
 * @param secrets the machine secrets, which go beside it
 * @throws InputError where no member is healthy, the snapshot is broken, or the target refuses it
 */
export const takeSnapshot = async (tools: SnapshotTools, target: Target, secrets?: string): Promise<TakenSnapshot> => {
  const { plan, talos, say } = tools;
  const beside = secretsBeside(target);
  for (const one of secrets === undefined ? [target] : [target, beside]) refuseTaken(one);
  const view = await lookAtEtcd(talos, controlPlanes(plan)).catch((error: unknown) => {
    throw new InputError(`a snapshot is taken of a healthy member only, and ${(error as Error).message}`);
  });
  const [member = ''] = view.healthy;
  const address = view.addresses[member];
  if (address === undefined) throw new InputError('no voting member of etcd is a healthy control plane of the spec');
  const folder = workFolder(target);
  try {
    const file = join(folder, basename(target.kind === 'file' ? target.path : target.key));
    await pipeline(talos.etcdSnapshot(address), createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }));
    const facts = await checkSnapshot(file);
    say(`member ${member}: revision ${facts.revision}, ${facts.bytes} bytes, its checksum is right`);
    await keep(file, target, tools);
    const taken = { member, target: showTarget(target), ...facts };
    if (secrets === undefined) return taken;
    const secretsFile = join(folder, 'secrets');
    writeFileSync(secretsFile, secrets, { mode: 0o600, flag: 'wx', flush: true });
    await keep(secretsFile, beside, tools);
    say(`the machine secrets are beside it: ${showTarget(beside)}; who has both has the cluster and all its Secrets`);
    return { ...taken, secrets: showTarget(beside) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
