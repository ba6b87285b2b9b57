import { join } from 'node:path';
import type { Define } from '../command';
import { CHECKOUT } from '../deployment/find-cluster';
import { handOver } from '../../toolchain/hand-over';

/** Hands over to the lab's own command line. In a process of its own, as the product knows nothing of the lab. */
export const lab: Define = (command, run) =>
  command
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((passed: readonly string[]) =>
      run(() => handOver(['-r', require.resolve('tsx/cjs'), join(CHECKOUT, 'lab', 'cli.ts'), ...passed])),
    );
