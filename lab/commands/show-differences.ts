import { resolveToolchain } from '../../toolchain/manifest';
import { describeDifferences, labDifferences } from '../differences';
import { readToolchainManifest } from '../world/toolchain-manifest';

/** Prints in what a rehearsal with the toolchain of this computer is not production. @throws Error without a toolchain */
export const showDifferences = (json: boolean): number => {
  const { providerVersions } = readToolchainManifest(resolveToolchain().path);
  const differences = labDifferences(providerVersions);
  process.stdout.write(`${json ? JSON.stringify(differences, null, 2) : describeDifferences(differences)}\n`);
  return 0;
};
