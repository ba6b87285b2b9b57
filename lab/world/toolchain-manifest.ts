import { readFileSync } from 'node:fs';
import { z } from 'zod';

const schema = z.object({
  binaries: z.record(z.string(), z.string()),
  terraform: z.string(),
  terraformCliConfig: z.string(),
  providerVersions: z.record(z.string(), z.string()),
});

/** Where the real programs are, as the toolchain has found, fetched or built them. All paths are absolute. */
export type ToolchainManifest = z.infer<typeof schema>;

/** @throws Error where there is no manifest at `path` */
export const readToolchainManifest = (path: string): ToolchainManifest => {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(
      `GROUNDWORK_TOOLCHAIN ${path} is no toolchain manifest: ${(error as Error).message}; \`npm run setup\` makes one`,
    );
  }
};
