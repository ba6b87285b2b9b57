import { SealedSecret } from '@kubernetes-models/sealed-secrets/bitnami.com/v1alpha1';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { SpecError } from '../../modules/model/spec-error';
import type { NeededSecret, SourcedStage } from '../stage';
import type { SecretName } from './envelope';

/** Where the sealed form of a Secret is kept, below `platform/sealed/<cluster>`. */
const fileOf = (folder: string, { namespace, name }: SecretName): string => join(folder, namespace, `${name}.yaml`);

/** Writes the sealed form, by a temporary name: what was there stays whole if this is interrupted. Returns its path. */
export const writeSealed = (
  folder: string,
  of: SecretName,
  encryptedData: Readonly<Record<string, string>>,
): string => {
  const { namespace, name } = of;
  const path = fileOf(folder, of);
  const sealed = new SealedSecret({
    metadata: { name, namespace },
    spec: { encryptedData, template: { metadata: { name, namespace } } },
  });
  sealed.validate();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, stringify(sealed.toJSON(), { lineWidth: 0 }));
  renameSync(`${path}.new`, path);
  return path;
};

const readSealed = (path: string, { namespace, name, keys }: NeededSecret): SealedSecret => {
  const content = parse(readFileSync(path, 'utf8')) as Partial<SealedSecret> | null;
  const { kind, metadata, spec } = content ?? {};
  if (kind !== 'SealedSecret' || metadata?.name !== name || metadata.namespace !== namespace) {
    throw new SpecError(`${path} is not the SealedSecret ${namespace}/${name}; seal it: groundwork platform seal`);
  }
  const there = Object.keys(spec?.encryptedData ?? {});
  const missing = keys.filter((key) => !there.includes(key));
  if (missing.length > 0) {
    throw new SpecError(`${path} lacks the keys ${missing.join(', ')}; seal it again: groundwork platform seal`);
  }
  return new SealedSecret(content as ConstructorParameters<typeof SealedSecret>[0]);
};

/**
 * The stages with the sealed form of each Secret that has one, in the stage that needs it. That one then waits for sealed-secrets.
 * @param folder `platform/sealed/<cluster>`
 */
export const withSealed = (stages: readonly SourcedStage[], folder: string): SourcedStage[] =>
  stages.map((stage) => {
    const sealed = (stage.secrets ?? []).flatMap((secret) => {
      const path = fileOf(folder, secret);
      return existsSync(path) ? [readSealed(path, secret)] : [];
    });
    if (sealed.length === 0) return stage;
    return {
      ...stage,
      needs: [...new Set([...stage.needs, 'sealed-secrets'])],
      manifests: [...stage.manifests, ...sealed],
    };
  });
