import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PlacementRecord } from '../model/placement';
import { SpecError } from '../model/spec-error';

const record = z.record(z.string(), z.string());

/** Where the record of a cluster is: `<name>.placement.json`, in the folder of its spec. */
export const placementFile = (folder: string, cluster: string): string => join(folder, `${cluster}.placement.json`);

/**
 * Hosts that were chosen before, by node; none where there is no file.
 * @param spec as a person wrote it: without a name there is no record
 * @throws SpecError where the file holds something else
 */
export const readPlacement = (folder: string, spec: unknown): PlacementRecord => {
  const named = z.object({ name: z.string().regex(/^[-a-z0-9]+$/) }).safeParse(spec);
  if (!named.success) return {};
  const file = placementFile(folder, named.data.name);
  if (!existsSync(file)) return {};
  try {
    return record.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new SpecError(`${file} is no record of hosts by node, as {"worker0": "atlas"}; take it from Git again`);
  }
};

/** The file anew, a line for each node, so that Git merges additions of two branches. */
export const writePlacement = (folder: string, cluster: string, placement: PlacementRecord): string => {
  const file = placementFile(folder, cluster);
  writeFileSync(`${file}.new`, `${JSON.stringify(placement, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
  return file;
};
