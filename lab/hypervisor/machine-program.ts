import { join } from 'node:path';

/** The program that plays a machine. */
export const machineProgram = (checkout: string): Promise<readonly string[]> =>
  Promise.resolve([process.execPath, '-r', 'tsx/cjs', join(checkout, 'lab', 'machine', 'main.ts')]);
