import { SpecError } from '../modules/model/spec-error';
import type { SourcedStage } from './stage';

/** What is needed for what, as Mermaid: an arrow leads from what comes first. What already follows from others is left out. */
export const graphOf = (stages: readonly SourcedStage[]): string => {
  const needs = new Map(stages.map((stage) => [stage.name, stage.needs]));
  const reaches = (from: string, target: string): boolean =>
    (needs.get(from) ?? []).some((need) => need === target || reaches(need, target));
  const lines = stages.flatMap(({ name, needs: direct }) => {
    const arrows = [...direct]
      .sort()
      .filter((need) => !direct.some((other) => other !== need && reaches(other, need)))
      .map((need) => `  ${need} --> ${name}`);
    return arrows.length > 0 || stages.some((stage) => stage.needs.includes(name)) ? arrows : [`  ${name}`];
  });
  return ['flowchart LR', ...lines, ''].join('\n');
};

/**
 * A Markdown text with the graphs of clusters between its marks, each under the name of its cluster.
 * @throws SpecError where it lacks the marks
 */
export const withGraphs = (
  file: string,
  text: string,
  graphs: readonly { readonly name: string; readonly graph: string }[],
): string => {
  const marks = /(<!-- graph -->\n)[\s\S]*(<!-- \/graph -->)/;
  if (!marks.test(text)) throw new SpecError(`${file} lacks the marks <!-- graph --> and <!-- /graph -->`);
  const blocks = graphs.map(({ name, graph }) => `Cluster \`${name}\`:\n\n\`\`\`mermaid\n${graph}\`\`\`\n`);
  return text.replace(marks, (_, first: string, last: string) => `${first}\n${blocks.join('\n')}\n${last}`);
};
