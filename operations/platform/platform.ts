import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Define } from '../command';
import { CHECKOUT } from '../deployment/find-cluster';
import { handOver } from '../../toolchain/hand-over';

/** Hands over to the platform's own command line. In a process of its own, as it is ESM: the libraries of manifests are. */
export const platform: Define = (command, run) =>
  command
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((passed: readonly string[]) =>
      run(() => {
        const loader = pathToFileURL(require.resolve('tsx')).href;
        return handOver(['--import', loader, join(CHECKOUT, 'platform', 'cli.ts'), ...passed]);
      }),
    );
