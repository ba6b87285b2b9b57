import { copyFileSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Artifact } from './cache';
import type { GoModule } from './go-module';
import { PROVIDER_NAMES, REGISTRY_PROVIDERS, type ProviderName } from './versions';

/** Hosts under which Terraform and OpenTofu look for a provider named without one. Links between them are not followed. */
const HOSTS = ['registry.terraform.io', 'registry.opentofu.org'] as const;

/** One provider to lay out. */
export interface MirroredProvider {
  readonly name: ProviderName;
  readonly version: string;
  /** Path of the executable. */
  readonly file: string;
}

/** The providers as they came from the registry. */
export const fromRegistry = ({ folder, record }: Artifact): MirroredProvider[] =>
  PROVIDER_NAMES.map((name) => {
    const { source, version } = REGISTRY_PROVIDERS[name];
    const file = Object.keys(record.files).find(
      (path) => path.includes(`/${source}/${version}/`) && path.includes('/terraform-provider-'),
    );
    if (file === undefined)
      throw new Error(`${folder} holds no ${source} ${version}: remove that folder and run \`npm run setup\``);
    return { name, version, file: join(folder, file) };
  });

/** The providers as they were built, with the versions of their go.mod. */
export const fromModules = (built: readonly { module: GoModule; artifact: Artifact }[]): MirroredProvider[] =>
  PROVIDER_NAMES.map((name) => {
    const found = built.find(({ module }) => module.program.module === `provider-${name}`);
    if (found === undefined) throw new Error(`no Go module builds the provider ${name}`);
    return { name, version: found.module.version.slice(1), file: join(found.artifact.folder, `provider-${name}`) };
  });

/**
 * Lays the providers out as an unpacked filesystem mirror, `<host>/<namespace>/<name>/<version>/<os>_<arch>`, for
 * either product. Hard links where the file system has them: 200 MB are not there three times.
 * @returns the paths of all executables in it
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#explicit-installation-method-configuration
 */
export const writeMirror = (mirror: string, providers: readonly MirroredProvider[]): string[] => {
  const platform = `linux_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return providers.flatMap(({ name, version, file }) =>
    HOSTS.map((host) => {
      const folder = join(mirror, host, REGISTRY_PROVIDERS[name].source, version, platform);
      mkdirSync(folder, { recursive: true });
      const place = join(folder, `terraform-provider-${name}_v${version}`);
      placeFile(file, place);
      return place;
    }),
  );
};

const placeFile = (from: string, to: string): void => {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
};

/** The CLI configuration: the mirror and nothing else, so that no run ever asks a registry. */
export const writeCliConfig = (file: string, mirror: string): void =>
  writeFileSync(
    file,
    `disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ["*/*"]
  }
}
`,
  );
