import { join } from 'node:path';
import { handOver } from './hand-over';

/**
 * Hands over to the lab's own command line. In a process of its own, as the product knows nothing of the lab.
 * @returns its exit status
 */
export const runLab = (parameters: readonly string[]): Promise<number> =>
  handOver(['-r', require.resolve('tsx/cjs'), join(__dirname, '..', 'lab', 'cli.ts'), ...parameters]);
