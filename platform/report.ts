import type { ClusterPlan } from '../modules/model/cluster-plan';

export interface Report<Row> {
  /** What is reported, by its name in JSON. */
  readonly key: string;
  readonly of: (plan: ClusterPlan) => Promise<readonly Row[]>;
  /** A row as text. */
  readonly line: (row: Row) => string;
  /** Said of a cluster that has no rows; with it a line with the name of the cluster goes before the rows. */
  readonly none?: string;
}

/**
 * Prints rows of every cluster, as text or as one JSON document.
 * @returns whether any cluster has rows
 */
export const report = async <Row>(
  { key, of, line, none }: Report<Row>,
  plans: readonly ClusterPlan[],
  json: boolean | undefined,
  print: (text: string) => void,
): Promise<boolean> => {
  const clusters: { readonly name: string; readonly rows: readonly Row[] }[] = [];
  for (const plan of plans) clusters.push({ name: plan.name, rows: await of(plan) });
  const text = ({ name, rows }: (typeof clusters)[number]): string => {
    const head = none === undefined ? '' : `${name}: ${rows.length === 0 ? none : ''}\n`;
    return `${head}${rows.map((row) => `${line(row)}\n`).join('')}`;
  };
  const document = { format: 1, clusters: clusters.map(({ name, rows }) => ({ cluster: name, [key]: rows })) };
  print(json === true ? `${JSON.stringify(document, null, 2)}\n` : clusters.map(text).join(''));
  return clusters.some(({ rows }) => rows.length > 0);
};
