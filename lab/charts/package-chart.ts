import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { parse } from 'yaml';
import type { ChartVersion, StandInChart } from './catalogue';

/** A chart as a repository serves it. */
export interface ChartPackage {
  readonly file: string;
  readonly archive: Buffer;
  /** Lower-case hexadecimal SHA-256 of {@link archive}. */
  readonly digest: string;
  /** Chart.yaml, with its versions. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

const CHART_FILES = /\.(ya?ml|tpl|txt|json)$/;

/** Sorted, so that one content is one archive. */
const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CHART_FILES.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

/** Packages `<folder>/<chart>` as `helm package` would, but for the same bytes every time. */
export const packageChart = async (
  folder: string,
  { name, generated }: StandInChart,
  { version, appVersion }: ChartVersion,
): Promise<ChartPackage> => {
  const root = join(folder, name);
  const files = new Map(filesOf(root).map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  for (const [path, text] of Object.entries(generated?.() ?? {})) files.set(path, text);
  const metadata = { ...(parse(files.get('Chart.yaml') ?? '{}') as Record<string, unknown>), version, appVersion };
  files.set('Chart.yaml', JSON.stringify(metadata));
  const tar = pack();
  const archived = buffer(tar);
  // helm reads Chart.yaml from anywhere in the archive; its own packages have it first.
  for (const [path, text] of [...files].sort(([a], [b]) => Number(b === 'Chart.yaml') - Number(a === 'Chart.yaml'))) {
    tar.entry({ name: `${name}/${path}`, mtime: new Date(0), mode: 0o644 }, text);
  }
  tar.finalize();
  const archive = gzipSync(await archived);
  return {
    file: `${name}-${version}.tgz`,
    archive,
    digest: createHash('sha256').update(archive).digest('hex'),
    metadata,
  };
};
