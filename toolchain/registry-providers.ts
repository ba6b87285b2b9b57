import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact, ArtifactCache } from './cache';
import type { RunCommand } from './command';
import { StepError } from './set-up-error';
import type { TerraformProgram } from './terraform-program';
import { REGISTRY_PROVIDERS } from './versions';

const NAME = 'registry-providers';

/** How long the registry may take to say that it has the first provider, in milliseconds. */
const PATIENCE = 20_000;

/** Key of the providers of the registry in the cache: the pins, the platform and whose registry it is. */
const keyOf = (product: TerraformProgram['product']): string =>
  createHash('sha256')
    .update(JSON.stringify([REGISTRY_PROVIDERS, process.arch, product]))
    .digest('hex')
    .slice(0, 32);

/** The providers if they were fetched before. */
export const findRegistryProviders = (
  cache: ArtifactCache,
  product: TerraformProgram['product'],
): Artifact | undefined => cache.find(NAME, keyOf(product));

/** As `findRegistryProviders`, but reads every byte. */
export const verifyRegistryProviders = (
  cache: ArtifactCache,
  product: TerraformProgram['product'],
): Promise<Artifact | undefined> => cache.verify(NAME, keyOf(product));

/**
 * Lets Terraform itself fetch the pinned providers: it knows the user's proxies, mirrors and credentials, and checks
 * signatures. What it leaves in its data folder has the layout of a filesystem mirror.
 * @throws StepError where the registry does not answer within 20 s, or not with these versions
 */
export const fetchRegistryProviders = (
  terraform: TerraformProgram,
  { cache, run, env }: { cache: ArtifactCache; run: RunCommand; env: NodeJS.ProcessEnv },
): Promise<Artifact> =>
  cache.store(NAME, keyOf(terraform.product), async (draft) => {
    const work = join(draft, 'work');
    mkdirSync(work);
    writeFileSync(
      join(work, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: REGISTRY_PROVIDERS } }),
    );
    const log = cache.logFile(NAME);
    const { status, output } = await run(terraform.path, ['init', '-no-color', '-input=false', '-backend=false'], {
      cwd: work,
      env: {
        ...env,
        CHECKPOINT_DISABLE: '1',
        TF_DATA_DIR: 'data',
        TF_PLUGIN_CACHE_DIR: '',
        TF_REGISTRY_DISCOVERY_RETRY: '0',
      },
      log,
      endWhen: (elapsed, printed) => elapsed > PATIENCE && !printed.includes('- Installing '),
    });
    if (status !== 0) throw new StepError(reason(output), log, output);
    // A plugin cache in the user's own CLI configuration makes links of them.
    cpSync(join(work, 'data', 'providers'), join(draft, 'providers'), { recursive: true, dereference: true });
    rmSync(work, { recursive: true });
    return `${terraform.product} ${terraform.version} from its registry`;
  });

const reason = (output: string): string => {
  if (/no such host|could not resolve|could not connect|dial tcp|Client\.Timeout/i.test(output))
    return 'the registry can not be reached';
  if (/no available releases match|does not have a provider/i.test(output))
    return 'the registry has not these versions';
  return output.includes('Error') ? 'the registry refused' : `the registry did not answer within ${PATIENCE / 1000} s`;
};
