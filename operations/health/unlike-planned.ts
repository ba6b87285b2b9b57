const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** True for a list whose items are known by their `name`, as containers and variables are. */
const isNamed = (list: readonly unknown[]): list is readonly { readonly name: string }[] =>
  list.length > 0 && list.every((item) => isObject(item) && typeof item['name'] === 'string');

/**
 * Where an object that runs is not as planned, as `spec.replicas is 1, planned 2`. What the plan does not mention is
 * Kubernetes' to fill in; a list is planned as a whole.
 */
export const unlikePlanned = (planned: unknown, actual: unknown, path = ''): string[] => {
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`);
  if (isObject(planned)) {
    if (!isObject(actual)) return [`${path} is ${shown(actual)}, planned ${shown(planned)}`];
    return Object.entries(planned).flatMap(([key, value]) => unlikePlanned(value, actual[key], at(key)));
  }
  if (!Array.isArray(planned)) {
    return planned === actual ? [] : [`${path} is ${shown(actual)}, planned ${shown(planned)}`];
  }
  const wanted = planned as readonly unknown[];
  const there = Array.isArray(actual) ? (actual as readonly unknown[]) : [];
  if (isNamed(wanted) && (there.length === 0 || isNamed(there))) {
    const named = there as readonly { readonly name: string }[];
    return [
      ...wanted.flatMap((item) => {
        const other = named.find(({ name }) => name === item.name);
        return other === undefined ? [`${at(item.name)} is missing`] : unlikePlanned(item, other, at(item.name));
      }),
      ...named
        .filter(({ name }) => wanted.every((item) => item.name !== name))
        .map(({ name }) => `${at(name)} is not planned`),
    ];
  }
  if (wanted.length !== there.length) return [`${path} is ${shown(actual)}, planned ${shown(planned)}`];
  return wanted.flatMap((item, index) => unlikePlanned(item, there[index], `${path}[${index}]`));
};
