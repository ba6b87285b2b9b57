import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseState, showState, stateFault } from '../../modules/model/state';
import type { StatePlan } from '../../modules/model/cluster-plan';
import { InputError } from '../deployment/find-cluster';

/** Where a snapshot goes. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 's3'; readonly store: Omit<S3Store, 'kind' | 'prefix'>; readonly key: string };

type S3Store = Extract<StatePlan, { kind: 's3' }>;

/** As `infrastructure-20260131T020000Z.snapshot`: names sort by time. */
const nameOf = (cluster: string, now: Date): string =>
  `${cluster}-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}.snapshot`;

/**
 * A file, or an object: `s3://<bucket>/<key>` with `?region=` and `&endpoint=` as in the spec's `state`. A folder, or what
 * ends with a slash, gets a name with the time.
 * @throws InputError with what is wrong with it
 */
export const parseTarget = (text: string, cluster: string, now: Date): Target => {
  if (!text.startsWith('s3:')) {
    const path = resolve(text);
    const isFolder = text.endsWith('/') || (existsSync(path) && statSync(path).isDirectory());
    return { kind: 'file', path: isFolder ? join(path, nameOf(cluster, now)) : path };
  }
  const fault = stateFault(text);
  if (fault !== undefined) throw new InputError(`target "${showState(text)}" ${fault}`);
  const { kind, prefix, ...store } = parseState(text) as S3Store;
  const isFolder = prefix === '' || new URL(text).pathname.endsWith('/');
  return { kind, store, key: isFolder ? [prefix, nameOf(cluster, now)].filter(Boolean).join('/') : prefix };
};

/** As a person, or a command, names it. */
export const showTarget = (target: Target): string =>
  target.kind === 'file' ? target.path : `s3://${target.store.bucket}/${target.key}`;

/** Beside it, by the same name. */
export const secretsBeside = (target: Target): Target => {
  const end = '.machine-secrets.yaml';
  return target.kind === 'file'
    ? { ...target, path: `${target.path}${end}` }
    : { ...target, key: `${target.key}${end}` };
};
