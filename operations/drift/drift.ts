import { changedPaths, valueAt } from '../review/changed-paths';
import type { ResourceChange, TerraformPlan } from '../review/terraform-plan';

/** One attribute that is not what the last deploy left. */
export interface DriftedAttribute {
  /** As `memory.0.dedicated`. */
  readonly path: string;
  /** `(sensitive)` in place of a secret. */
  readonly deployed: unknown;
  readonly now: unknown;
}

/** One resource that was changed, or taken away, outside Terraform. */
export interface Drift {
  /** As Terraform names it. */
  readonly address: string;
  readonly what: 'changed' | 'lost';
  /** Empty where it is lost. */
  readonly attributes: readonly DriftedAttribute[];
}

/** What a running machine tells of itself and Kubernetes counts by itself: nobody has changed it. */
const NOISE: Readonly<Record<string, RegExp>> = {
  proxmox_virtual_environment_vm: /^(ipv[46]_addresses|mac_addresses|network_interface_names)\b/,
  kubernetes_namespace: /^metadata\.0\.(generation|resource_version)$/,
};

/** Shapes in which providers read back that there is nothing; Helm's values are JSON in a text. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  ['', '{}', 'null'].includes(value as string) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Terraform marks a secret, or the whole that one is in, by `true`. */
const isSensitive = (mask: unknown, path: string): boolean =>
  mask === true ||
  (typeof mask === 'object' &&
    mask !== null &&
    path !== '' &&
    isSensitive(
      (mask as Readonly<Record<string, unknown>>)[path.split('.')[0] ?? ''],
      path.split('.').slice(1).join('.'),
    ));

const isPlainList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);

const attributesOf = ({ type, change }: ResourceChange): readonly DriftedAttribute[] => {
  const { before, after, before_sensitive: hiddenBefore, after_sensitive: hiddenAfter } = change;
  /** Of a list of plain values, tags say, the list: one more at its front is no change of all that follow. */
  const ofList = (path: string): string => {
    const list = path.replace(/\.\d+$/, '');
    return [before, after].every((values) => isPlainList(valueAt(values, list))) ? list : path;
  };
  return [...new Set(changedPaths(before, after).map(ofList))]
    .filter((path) => NOISE[type]?.test(path) !== true)
    .filter((path) => !(isNothing(valueAt(before, path)) && isNothing(valueAt(after, path))))
    .map((path) =>
      isSensitive(hiddenBefore, path) || isSensitive(hiddenAfter, path)
        ? { path, deployed: '(sensitive)', now: '(sensitive)' }
        : { path, deployed: valueAt(before, path), now: valueAt(after, path) },
    );
};

/**
 * What was changed outside, of a plan that refreshes only. Terraform lists more there: what a provider reads back in
 * another shape, an empty list for nothing say, is no change.
 */
export const driftOf = ({ resource_drift: resources }: TerraformPlan): readonly Drift[] =>
  resources
    .filter(({ mode }) => mode === 'managed')
    .map((resource): Drift => {
      const { address } = resource;
      if (resource.change.actions.includes('delete')) return { address, what: 'lost', attributes: [] };
      return { address, what: 'changed', attributes: attributesOf(resource) };
    })
    .filter(({ what, attributes }) => what === 'lost' || attributes.length > 0);

const shown = (value: unknown): string =>
  value === undefined || value === null ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);

/** For a person: a resource, and below it what is different. */
export const describeDrift = (drift: readonly Drift[]): string =>
  drift
    .flatMap(({ address, what, attributes }) => [
      `${what.padEnd(7)}  ${address}`,
      ...attributes.map(({ path, deployed, now }) => `         ${path}: ${shown(deployed)}, now ${shown(now)}`),
    ])
    .map((line) => `${line}\n`)
    .join('');
