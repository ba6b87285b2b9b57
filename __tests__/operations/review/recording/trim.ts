import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';

type Values = Readonly<Record<string, unknown>>;
interface Change {
  readonly actions: readonly string[];
  readonly before: Values | null;
  readonly after: Values | null;
  readonly after_unknown: unknown;
  readonly before_sensitive: unknown;
  readonly after_sensitive: unknown;
  readonly replace_paths?: unknown;
}
interface Resource {
  readonly address: string;
  readonly mode: string;
  readonly type: string;
  readonly change: Change;
}
export interface RawPlan {
  readonly format_version: string;
  readonly terraform_version: string;
  readonly resource_changes?: readonly Resource[];
  readonly resource_drift?: readonly Resource[];
  readonly output_changes: Readonly<Record<string, Change>>;
}

/** What a resource is known by, changed or not. */
const ALWAYS = ['name', 'tags', 'node_name', 'disk', 'node', 'version', 'namespace', 'chart', 'vm_id', 'id'];
/** Nothing but secrets is in these. */
const SECRET_TYPES = /^talos_(machine_secrets|cluster_kubeconfig|machine_bootstrap)$/;
const SECRET_FIELDS = new Set(['client_configuration', 'machine_configuration']);
const SECRET_KEYS = /^(token|key|crt|secret|id|ca|bootstrapToken|aescbcEncryptionSecret|secretboxEncryptionSecret)$/;

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withoutSecrets = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(item, name)]));
  const hidden = SECRET_KEYS.test(key) || (typeof value === 'string' && value.startsWith('TS_AUTHKEY='));
  return hidden ? `secret ${key}` : value;
};

const documents = (text: string): Values[] => parseAllDocuments(text).map((document) => document.toJS() as Values);

/** Of two machine configs that which differs, by `machine.<field>` and `cluster.<field>`, and no secret. */
const changedConfig = (before: string, after: string): readonly [string, string] => {
  const [old, young] = [documents(before), documents(after)];
  const reduce = (mine: readonly Values[], theirs: readonly Values[]): string =>
    mine
      .filter((document) => !theirs.some((other) => isDeepStrictEqual(other, document)))
      .map((document) => {
        const other = theirs.find((one) => one['kind'] === document['kind'] && one['name'] === document['name']) ?? {};
        const sections = Object.entries(document).map(([section, value]) => {
          const others = other[section];
          if (!isRecord(value) || !isRecord(others)) return [section, value];
          return [
            section,
            Object.fromEntries(
              Object.entries(value).filter(
                ([name, field]) => name === 'type' || !isDeepStrictEqual(field, others[name]),
              ),
            ),
          ];
        });
        return stringify(withoutSecrets(Object.fromEntries(sections)), { lineWidth: 0 });
      })
      .join('---\n');
  return [reduce(old, young), reduce(young, old)];
};

const differing = ({ before, after }: Change): string[] =>
  [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (key) => !isDeepStrictEqual(before?.[key], after?.[key]),
  );

const pick = (values: Values | null, keys: readonly string[]): Values | null =>
  values === null
    ? null
    : Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key) && !SECRET_FIELDS.has(key)));

const trimChange = (type: string, change: Change): Change => {
  const { before, after } = change;
  if (SECRET_TYPES.test(type)) return { ...change, before: before && {}, after: after && {} };
  const keys = [...ALWAYS, ...(before !== null && after !== null ? differing(change) : [])];
  const [old, young] = [before, after].map((values) => values?.['machine_configuration_input']);
  const configs = typeof old === 'string' && typeof young === 'string' ? changedConfig(old, young) : undefined;
  const config = (side: 0 | 1): Values => {
    const values = [before, after][side];
    if (values?.['machine_configuration_input'] === undefined) return {};
    return configs === undefined || old === young ? {} : { machine_configuration_input: configs[side] };
  };
  const of = (values: Values | null, side: 0 | 1): Values | null => {
    if (values === null) return null;
    const { machine_configuration_input: whole, ...picked } = pick(values, keys) ?? {};
    return withMarks({ ...picked, ...(whole !== undefined && config(side)) });
  };
  return { ...change, before: of(before, 0), after: of(after, 1) };
};

/** Long texts of charts tell a review nothing. */
const withMarks = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([key]) => key !== 'manifest' && key !== 'metadata'));

const marks = (value: unknown): unknown => {
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, mark]) => mark === true);
  return Object.fromEntries(kept);
};

const trimResource = ({ address, mode, type, change }: Resource): object => {
  const idle = change.actions.join() === 'no-op' && type !== 'proxmox_virtual_environment_vm';
  if (idle) return { address, mode, type, change: { actions: change.actions } };
  const { actions, before, after, after_unknown, before_sensitive, after_sensitive } = trimChange(type, change);
  return {
    address,
    mode,
    type,
    change: {
      actions,
      before,
      after,
      after_unknown: marks(after_unknown),
      before_sensitive: marks(before_sensitive),
      after_sensitive: marks(after_sensitive),
      ...(change.replace_paths !== undefined && { replace_paths: change.replace_paths }),
    },
  };
};

/** A plan as a test needs it: what changes, by what a review reads, with every secret left out. */
export const trimmed = (plan: RawPlan): object => ({
  format_version: plan.format_version,
  terraform_version: plan.terraform_version,
  planned_values: {},
  resource_changes: (plan.resource_changes ?? []).map(trimResource),
  resource_drift: (plan.resource_drift ?? []).map(trimResource),
  output_changes: Object.fromEntries(
    Object.entries(plan.output_changes).map(([name, change]) => [
      name,
      name === 'cluster_config'
        ? { actions: change.actions, before: change.before, after: change.after, after_unknown: false }
        : { actions: change.actions, before: null, after: null, after_unknown: false },
    ]),
  ),
});

/** One line for each resource, so that a difference can be read. */
export const planText = (plan: RawPlan): string => {
  const fields = Object.entries(trimmed(plan)).map(([name, value]) => {
    const lines = Array.isArray(value) && value.length > 0;
    const text = lines ? `[\n${value.map((item) => JSON.stringify(item)).join(',\n')}\n]` : JSON.stringify(value);
    return `${JSON.stringify(name)}: ${text}`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
};
