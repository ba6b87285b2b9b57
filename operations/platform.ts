import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { handOver } from './hand-over';

/**
 * Hands over to the platform's own command line. In a process of its own, as it is ESM: the libraries of manifests are.
 * @returns its exit status
 */
export const runPlatform = (parameters: readonly string[]): Promise<number> => {
  const loader = pathToFileURL(require.resolve('tsx')).href;
  return handOver(['--import', loader, join(__dirname, '..', 'platform', 'cli.ts'), ...parameters]);
};
