import { createHash } from 'node:crypto';
import type { Call, Cluster } from './cluster';
import { splitList } from './schema/validate';
import type { HaSection } from './state';

export type Sections = Record<string, HaSection>;

const BOOLEANS = [
  'nofailback',
  'restricted',
  'failback',
  'strict',
  'disable',
  'auto-rebalance',
  'max_restart',
  'max_relocate',
];

/** A section as the API gives it: with its name and the digest of the whole file. */
export const shown = (sections: Sections, kind: 'group' | 'sid' | 'rule', name: string): Record<string, unknown> => {
  const fields = Object.entries(sections[name] ?? {}).map(([key, value]) => [
    key,
    BOOLEANS.includes(key) ? Number(value) : value,
  ]);
  const digest = createHash('sha1').update(JSON.stringify(sections)).digest('hex');
  return { ...(Object.fromEntries(fields) as Record<string, unknown>), [kind]: name, digest };
};

/** What a call says of a section: all but its name and what is not kept. */
export const fieldsOf = ({ parameters }: Call, ...without: readonly string[]): HaSection =>
  Object.fromEntries(Object.entries(parameters).filter(([key]) => !['delete', 'digest', ...without].includes(key)));

/** Sets and deletes fields; `type` is fixed. */
export const change = (call: Call, sections: Sections, name: string, ...without: readonly string[]): void => {
  const section = { ...sections[name], ...fieldsOf(call, 'type', ...without) };
  for (const key of splitList(call.parameters['delete'])) Reflect.deleteProperty(section, key);
  sections[name] = section;
};

/** Groups are gone once there is none any more: have_groups_been_migrated of src/PVE/HA/Config.pm, since 9. */
export const migrated = ({ major, state }: Cluster): boolean =>
  major === 9 && Object.keys(state().ha.groups).length === 0;
