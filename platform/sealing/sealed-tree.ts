import { SealedSecret } from '@kubernetes-models/sealed-secrets/bitnami.com/v1alpha1';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { SecretsKind } from '../../modules/model/cluster-plan';
import { SpecError } from '../../modules/model/spec-error';
import type { Manifest, NeededSecret, SourcedStage } from '../stage';
import type { SecretName } from './envelope';

/** Where the sealed form of a Secret is kept, below `platform/sealed/<cluster>`. */
const fileOf = (folder: string, { namespace, name }: SecretName): string => join(folder, namespace, `${name}.yaml`);

/** For sealed-secrets: bound to the name that it is given. */
export const sealedSecret = (
  { namespace, name }: SecretName,
  encryptedData: Readonly<Record<string, string>>,
): object => {
  const sealed = new SealedSecret({
    metadata: { name, namespace },
    spec: { encryptedData, template: { metadata: { name, namespace } } },
  });
  sealed.validate();
  return sealed.toJSON() as object;
};

/** Writes the sealed form, by a temporary name: what was there stays whole if this is interrupted. Returns its path. */
export const writeSealed = (folder: string, of: SecretName, sealed: object): string => {
  const path = fileOf(folder, of);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, stringify(sealed, { lineWidth: 0 }));
  renameSync(`${path}.new`, path);
  return path;
};

const encrypted = z.string().startsWith('ENC[AES256_GCM,');
/** What SOPS writes, with nothing open but the name. */
const SopsFile = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: z.strictObject({ name: z.string(), namespace: z.string() }),
  type: z.string().optional(),
  data: z.record(z.string(), encrypted).optional(),
  stringData: z.record(z.string(), encrypted).optional(),
  sops: z.looseObject({ mac: encrypted }),
});

interface Sealed {
  readonly manifest: Manifest;
  readonly keys: readonly string[];
}

const asSealedSecret = (content: unknown): Sealed => {
  const manifest = new SealedSecret(content as ConstructorParameters<typeof SealedSecret>[0]);
  return { manifest, keys: Object.keys(manifest.spec.encryptedData) };
};

const asSops = (path: string, content: unknown): Sealed => {
  const { success, data } = SopsFile.safeParse(content);
  if (!success)
    throw new SpecError(`${path} is not a Secret that SOPS has encrypted; seal it: groundwork platform seal`);
  const { apiVersion, kind, metadata } = data;
  return {
    // Nothing may be put in another order: its MAC would no longer fit
    manifest: { apiVersion, kind, metadata, validate: () => undefined, toJSON: () => content },
    keys: Object.keys({ ...data.data, ...data.stringData }),
  };
};

const KINDS = { 'sealed-secrets': 'SealedSecret', sops: 'Secret' } as const satisfies Record<SecretsKind, string>;

const readSealed = (path: string, secrets: SecretsKind, { namespace, name, keys }: NeededSecret): Manifest => {
  const content = parse(readFileSync(path, 'utf8')) as Partial<Manifest> | null;
  const { kind, metadata } = content ?? {};
  if (kind !== KINDS[secrets] || metadata?.name !== name || metadata.namespace !== namespace) {
    throw new SpecError(`${path} is not the ${KINDS[secrets]} ${namespace}/${name}; seal it: groundwork platform seal`);
  }
  const sealed = secrets === 'sops' ? asSops(path, content) : asSealedSecret(content);
  const missing = keys.filter((key) => !sealed.keys.includes(key));
  if (missing.length > 0) {
    throw new SpecError(`${path} lacks the keys ${missing.join(', ')}; seal it again: groundwork platform seal`);
  }
  return sealed.manifest;
};

/**
 * The stages with the sealed form of each Secret that has one, in the stage that needs it: that waits for sealed-secrets, or has Flux
 * open it.
 * @param folder `platform/sealed/<cluster>`
 */
export const withSealed = (stages: readonly SourcedStage[], folder: string, secrets: SecretsKind): SourcedStage[] =>
  stages.map((stage) => {
    const sealed = (stage.secrets ?? []).flatMap((secret) => {
      const path = fileOf(folder, secret);
      return existsSync(path) ? [readSealed(path, secrets, secret)] : [];
    });
    if (sealed.length === 0) return stage;
    const manifests = [...stage.manifests, ...sealed];
    if (secrets === 'sops') return { ...stage, manifests, decrypted: true };
    return { ...stage, needs: [...new Set([...stage.needs, 'sealed-secrets'])], manifests };
  });
