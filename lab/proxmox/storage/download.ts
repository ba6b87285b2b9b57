import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, flag, given } from '../cluster';
import { badParameters, failure, messageOf } from '../errors';
import { readImage } from '../guest/disks';
import type { Worker } from '../tasks';
import type { ContentFile } from './volume-id';

const UPLOADS: Readonly<Record<string, { readonly name: RegExp; readonly text: string }>> = {
  import: { name: /^[a-zA-Z0-9\-.+=_]+\.(ova|qcow2|raw|vmdk)$/, text: 'invalid filename or wrong extension' },
  iso: { name: /[^/]+\.(?:iso|img)$/i, text: 'wrong file extension' },
};

const checkSum = (worker: Worker, path: string, algorithm: string, expected: string): void => {
  const got = createHash(algorithm).update(readFileSync(path)).digest('hex');
  if (got !== expected.toLowerCase()) throw failure(`checksum mismatch: got '${got}' != expect '${expected}'`);
  worker.log('calculating checksum...OK, checksum verified');
};

/** What stood under that name is never overwritten; with a matching checksum nothing is fetched. */
const keepExisting = (call: Call, worker: Worker, path: string): boolean => {
  if (!existsSync(path)) return false;
  const { checksum, 'checksum-algorithm': algorithm } = call.parameters;
  if (checksum === undefined || algorithm === undefined) throw failure(`refusing to override existing file '${path}'`);
  try {
    checkSum(worker, path, algorithm, checksum);
  } catch (error) {
    throw failure(`${messageOf(error)}, aborting`);
  }
  worker.log('OK, got correct file already, no need to download');
  return true;
};

const fetchInto = async (call: Call, worker: Worker, path: string, format: string | undefined): Promise<void> => {
  const { cluster, node, parameters } = call;
  const url = given(call, 'url');
  const part = `${path}.tmp_dwnl.${cluster.randomBytes(3).toString('hex')}`;
  worker.log(`downloading ${url} to ${path}`);
  try {
    const verify = parameters['verify-certificates'] === undefined || flag(call, 'verify-certificates');
    const command = `command '/usr/bin/wget --progress=dot:giga -O ${part} ${url}' failed`;
    await cluster.remote.download(url, verify, part, worker.signal).catch((error: unknown) => {
      throw failure(`download failed: ${command}: ${messageOf(error)}`);
    });
    const cut = worker.fault('download-truncated');
    if (cut !== undefined) truncateSync(part, cut.bytes ?? 100);
    const storage = cluster.storages.get(given(call, 'storage'));
    // the part file has no name that the storage lists, so it does not count as used yet
    if (worker.fault('storage-full') !== undefined || cluster.storages.free(storage, node) < statSync(part).size) {
      throw failure(`download failed: ${command}: exit code 3`);
    }
    const { checksum, 'checksum-algorithm': algorithm } = parameters;
    if (checksum !== undefined && algorithm !== undefined) checkSum(worker, part, algorithm, checksum);
    if (format !== undefined) {
      try {
        readImage(part, format, worker.log);
      } catch (error) {
        throw failure(`failed to verify file: ${messageOf(error)}`);
      }
    }
    renameSync(part, path);
  } finally {
    rmSync(part, { force: true });
  }
  worker.log(`download of '${url}' to '${path}' finished`);
};

/** POST …/download-url: the host fetches the file itself. */
export const downloadUrl = (call: Call): string => {
  const { cluster, node, parameters } = call;
  const storage = cluster.storages.get(given(call, 'storage'));
  const content = given(call, 'content');
  if (!cluster.storages.fileBased(storage))
    throw failure(`can't upload to storage type '${storage.type}', not a file based storage!`);
  if (!storage.content.includes(content))
    throw failure(`storage '${storage.name}' is not configured for content-type '${content}'`);
  const filename = given(call, 'filename')
    .replace(/^.*[/\\]/s, '')
    .replaceAll(/[^a-zA-Z0-9_.-]/g, '_');
  const rule = UPLOADS[content];
  if (rule === undefined) throw badParameters({ content: `upload content-type '${content}' is not allowed` });
  if (!rule.name.test(filename)) throw badParameters({ filename: rule.text });
  const path = join(cluster.storages.contentFolder(storage, node, content as ContentFile), filename);
  const format = content === 'import' ? /\.([a-z0-9]+)$/.exec(filename)?.[1] : undefined;
  return call.fork(filename, async (worker) => {
    if (parameters['compression'] !== undefined)
      throw failure(`decompression ${content === 'iso' ? 'is not simulated' : `not supported for ${content}`}`);
    if (!keepExisting(call, worker, path)) await fetchInto(call, worker, path, format);
  });
};
