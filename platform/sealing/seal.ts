import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadStream } from 'node:tty';
import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { SpecError } from '../../modules/model/spec-error';
import type { NeededSecret } from '../stage';
import { askHidden, valuesOfFiles } from './ask';
import { sealingKey, sealValue } from './envelope';
import { sealedSecret, writeSealed } from './sealed-tree';
import { recipientsIn, sopsSecret } from './sops';

export interface SealOptions {
  /** Of the controller of sealed-secrets; left out: `certificate.pem` in the folder. */
  readonly certificate?: string;
  /** Age recipients; left out: `age-recipients.txt` in the folder. */
  readonly recipients?: string;
  /** `key=path` pairs. */
  readonly from: readonly string[];
}

/** Where values that no file gives are asked for. */
export interface Terminal {
  readonly input: ReadStream;
  readonly output: NodeJS.WritableStream;
}

const publicPart = (file: string, what: string, howTo: string): string => {
  if (!existsSync(file)) throw new SpecError(`no ${what} at ${file}; write it: ${howTo} ${file}`);
  return readFileSync(file, 'utf8');
};

/** Values of all keys in their order: from files, and where a key has none from the terminal. */
const valuesOf = async (
  of: string,
  keys: readonly string[],
  from: readonly string[],
  { input, output }: Terminal,
): Promise<Map<string, Buffer>> => {
  const values = valuesOfFiles(from, keys);
  const missing = keys.filter((name) => !values.has(name));
  if (missing.length > 0 && !input.isTTY) {
    throw new SpecError(
      `no value for ${missing.join(', ')}, and no terminal to ask at; give --from ${missing[0] ?? ''}=<file>`,
    );
  }
  for (const name of missing) {
    const value = await askHidden(`${of} ${name}: `, input, output);
    if (value === '') throw new SpecError(`the value of ${name} is empty; give one`);
    values.set(name, Buffer.from(value));
  }
  return new Map(keys.map((name) => [name, values.get(name) ?? Buffer.alloc(0)]));
};

/**
 * Seals one Secret that the platform needs, in the way that the spec chooses. Returns the path of what it wrote.
 * @param folder `platform/sealed/<cluster>`
 * @throws SpecError where nothing needs it, or what seals it or a value is missing
 */
export const seal = async (
  { platform }: ClusterPlan,
  needed: readonly NeededSecret[],
  wanted: string,
  folder: string,
  options: SealOptions,
  terminal: Terminal,
): Promise<string> => {
  const secret = needed.find(({ namespace, name }) => `${namespace}/${name}` === wanted);
  if (secret === undefined) {
    const list = needed.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
    throw new SpecError(`nothing needs the Secret "${wanted}"; there are ${list}`);
  }
  const now = new Date();
  if (platform.secrets === 'sops') {
    const file = options.recipients ?? join(folder, 'age-recipients.txt');
    const recipients = recipientsIn(file, publicPart(file, 'age recipients', 'age-keygen -y <key file> >'));
    const values = await valuesOf(wanted, secret.keys, options.from, terminal);
    return writeSealed(folder, secret, await sopsSecret(recipients, secret, values, now));
  }
  const file = options.certificate ?? join(folder, 'certificate.pem');
  const key = sealingKey(publicPart(file, 'certificate', 'kubeseal --fetch-cert >'), now);
  const values = await valuesOf(wanted, secret.keys, options.from, terminal);
  const sealed = Object.fromEntries([...values].map(([name, value]) => [name, sealValue(key, secret, value)]));
  return writeSealed(folder, secret, sealedSecret(secret, sealed));
};
