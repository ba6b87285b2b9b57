import { type Call, given } from '../cluster';
import { failure } from '../errors';
import { change, fieldsOf, migrated, shown } from '../ha-sections';
import { splitList } from '../schema/validate';
import type { HaSection } from '../state';

const ruleOf = (call: Call, text: (name: string) => string): string => {
  const name = given(call, 'rule');
  if (call.cluster.state().ha.rules[name] === undefined) throw failure(text(name));
  return name;
};

const checkRule = ({ cluster, parameters }: Call): void => {
  const { ha } = cluster.state();
  const unmanaged = splitList(parameters['resources']).filter((sid) => ha.resources[sid] === undefined);
  if (unmanaged.length > 0) throw failure(`cannot use unmanaged resource(s) ${unmanaged.sort().join(', ')}.`);
  const names = splitList(parameters['nodes']).map((node) => node.split(':')[0] ?? '');
  const unknown = names.filter((name) => !cluster.hosts.some((host) => host.name === name));
  if (unknown.length > 0) throw failure(`cannot use non-existent node(s) ${unknown.sort().join(', ')}.`);
};

/** `disable=0` is not kept; lists are sorted. */
const tidy = (section: HaSection): HaSection => {
  const { disable, resources: sids, ...rest } = section;
  return { ...rest, resources: splitList(sids).sort().join(','), ...(disable === '1' ? { disable } : {}) };
};

/** HA rules: node affinity and resource affinity. */
export const HA_RULES = {
  list: ({ cluster, parameters }: Call) => {
    const { rules: sections } = cluster.state().ha;
    const { type, resource } = parameters;
    return Object.keys(sections)
      .filter((name) => type === undefined || sections[name]?.['type'] === type)
      .filter((name) => resource === undefined || splitList(sections[name]?.['resources']).includes(resource))
      .map((name) => ({ ...shown(sections, 'rule', name), order: Object.keys(sections).indexOf(name) + 1 }));
  },
  read: (call: Call) => {
    const { rules: sections } = call.cluster.state().ha;
    const name = ruleOf(call, (rule) => `no such ha rule '${rule}'`);
    return { ...shown(sections, 'rule', name), order: Object.keys(sections).indexOf(name) + 1 };
  },
  create: (call: Call) => {
    const { rules: sections } = call.cluster.state().ha;
    const name = given(call, 'rule');
    if (!migrated(call.cluster)) throw failure('cannot create ha rule: ha groups have not been migrated yet');
    if (sections[name] !== undefined) throw failure(`create ha rule failed: HA rule '${name}' already defined`);
    checkRule(call);
    sections[name] = tidy(fieldsOf(call, 'rule'));
    return null;
  },
  update: (call: Call) => {
    const { rules: sections } = call.cluster.state().ha;
    const name = ruleOf(call, (rule) => `update HA rules failed: HA rule '${rule}' does not exist`);
    checkRule(call);
    change(call, sections, name, 'rule');
    sections[name] = tidy(sections[name] ?? {});
    return null;
  },
  remove: (call: Call) => {
    Reflect.deleteProperty(call.cluster.state().ha.rules, given(call, 'rule'));
    return null;
  },
};
