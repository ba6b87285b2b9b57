import { readdirSync } from 'node:fs';
import type { ClusterPlan } from '../modules/model/cluster-plan';
import { SpecError } from '../modules/model/spec-error';
import { ownSource } from './air-gap';
import type { Service, SourcedStage } from './stage';

const SERVICES = new URL('./services/', import.meta.url);

/** Every stage of a cluster's platform, by name. A service is a folder in services/; nothing else lists it. */
export const platformOf = async (plan: ClusterPlan): Promise<SourcedStage[]> => {
  const names = readdirSync(SERVICES).sort();
  const found = await Promise.all(
    names.map(async (name) => {
      const { service } = (await import(new URL(`${name}/${name}.ts`, SERVICES).href)) as { readonly service: Service };
      return service(plan).map((stage) => ({
        ...stage,
        manifests: stage.manifests.map(ownSource(plan)),
        source: `platform/services/${name}/${name}.ts`,
      }));
    }),
  );
  const stages = found.flat().sort((one, other) => (one.name < other.name ? -1 : 1));
  checkOrder(stages);
  return stages;
};

/**
 * Whether the stages can be applied in some order.
 * @throws SpecError where one needs another that is not there, where two have one name, or where they wait for each other
 */
export const checkOrder = (stages: readonly Pick<SourcedStage, 'name' | 'needs' | 'source'>[]): void => {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  if (byName.size < stages.length) {
    const twice = stages.find(({ name }, index) => stages.findIndex((stage) => stage.name === name) < index);
    throw new SpecError(`two stages are called "${twice?.name ?? ''}"; rename the one in ${twice?.source ?? ''}`);
  }
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) {
      throw new SpecError(`stages wait for each other: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`);
    }
    const stage = byName.get(name);
    if (stage === undefined) {
      const by = byName.get(path.at(-1) ?? '');
      throw new SpecError(`stage "${by?.name ?? ''}" of ${by?.source ?? ''} needs "${name}", which this cluster lacks`);
    }
    for (const need of stage.needs) visit(need, [...path, name]);
  };
  for (const { name } of stages) visit(name, []);
};
