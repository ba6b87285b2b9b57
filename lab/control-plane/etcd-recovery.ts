import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NodeServiceError } from './node-services';

/** Where the machine API leaves a snapshot that `EtcdRecover` has sent, as Talos' /var/lib/etcd.snapshot. */
export const etcdRecoveryPath = (ephemeralPath: string): string => join(ephemeralPath, 'etcd.snapshot');

export interface RecoveryInput {
  readonly hostname: string;
  readonly dataPath: string;
  readonly recoveryPath: string;
  readonly binaries: { readonly etcdutl: string | undefined };
}

/**
 * Makes the data folder of a new one-member cluster from a snapshot, and deletes the snapshot.
 * @throws NodeServiceError FAILED_PRECONDITION without a snapshot, UNIMPLEMENTED without `etcdutl`, INTERNAL with
 *   etcdutl's own words where the snapshot is damaged
 */
export const restoreSnapshot = async (
  input: RecoveryInput,
  peerUrls: readonly string[],
  skipHashCheck: boolean,
): Promise<void> => {
  const { etcdutl } = input.binaries;
  if (!existsSync(input.recoveryPath)) {
    throw new NodeServiceError('FAILED_PRECONDITION', 'no etcd snapshot was uploaded: send one with EtcdRecover first');
  }
  if (etcdutl === undefined) {
    throw new NodeServiceError(
      'UNIMPLEMENTED',
      'the lab cannot restore an etcd snapshot: its toolchain has no etcdutl',
    );
  }
  rmSync(input.dataPath, { recursive: true, force: true });
  const args = [
    ...['snapshot', 'restore', input.recoveryPath, '--name', input.hostname, '--data-dir', input.dataPath],
    ...['--initial-advertise-peer-urls', peerUrls.join(',')],
    ...['--initial-cluster', peerUrls.map((url) => `${input.hostname}=${url}`).join(',')],
    ...(skipHashCheck ? ['--skip-hash-check'] : []),
  ];
  try {
    await promisify(execFile)(etcdutl, args);
  } catch (error) {
    throw new NodeServiceError(
      'INTERNAL',
      `error recovering from the snapshot: ${(error as { stderr?: string }).stderr?.trim() ?? String(error)}`,
    );
  }
  rmSync(input.recoveryPath);
};
