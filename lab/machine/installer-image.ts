import { createHash } from 'node:crypto';
import type { DiskImage } from '../hardware/disk-image';
import { TalosVersion } from './talos-version';

/** Id of the schematic without customization: what an installer from Talos' own registry amounts to. */
const PLAIN_ID = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const PLAIN = 'customization: {}\n';

const idOf = (schematic: string): string => createHash('sha256').update(schematic).digest('hex');

/** The schematic without its META values, which an upgrade does not touch: they are on the disk already. */
export const withoutMeta = (schematic: string): string => {
  const lines = schematic.split('\n');
  const start = lines.indexOf('    meta:');
  if (start < 0) return schematic;
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('     '));
  const rest = [...lines.slice(0, start), ...lines.slice(end)].join('\n');
  return rest === 'customization:\n' ? PLAIN : rest;
};

/**
 * What the machine's disk holds after an upgrade to an installer image: of a factory, by the id of a schematic that
 * equals the disk's own without META, or Talos' plain one. Any other would be a pull of what nobody has built.
 * @throws Error in Talos' words where the reference can't be one
 */
export const installedBy = (reference: string, current: DiskImage): DiskImage => {
  const match = /^(?<repository>[a-z0-9][a-z0-9.:-]*(?:\/[a-z0-9._-]+)+):(?<tag>[\w.-]+)$/.exec(reference);
  const [repository, tag] = [match?.groups?.['repository'] ?? '', match?.groups?.['tag'] ?? ''];
  if (match === null)
    throw new Error(
      `error validating installer image ${JSON.stringify(reference)}: failed to parse image reference: invalid reference format`,
    );
  const version = TalosVersion.parse(tag).tag;
  const id =
    /\/(?<platform>[a-z0-9-]*installer[a-z-]*)\/(?<id>[0-9a-f]{64})$/.exec(repository)?.groups?.['id'] ??
    (repository.endsWith('/installer') ? PLAIN_ID : '');
  const kept = withoutMeta(current.schematic);
  const schematic = id === idOf(kept) ? kept : id === PLAIN_ID ? PLAIN : undefined;
  if (schematic === undefined)
    throw new Error(
      `error validating installer image ${JSON.stringify(reference)}: failed to pull image ${JSON.stringify(reference)}: not found`,
    );
  return { ...current, talosVersion: version, schematicId: id, schematic };
};
