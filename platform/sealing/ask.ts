import { readFileSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { SpecError } from '../../modules/model/spec-error';

const ENTER = ['\r', '\n'];
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE = ['\u007f', '\b'];

/** One line from the terminal, which shows nothing of it. */
export const askHidden = (question: string, input: ReadStream, output: NodeJS.WritableStream): Promise<string> =>
  new Promise((resolve, reject) => {
    let line = '';
    const done = (act: () => void): void => {
      input.off('data', take).setRawMode(false).pause();
      output.write('\n');
      act();
    };
    const take = (chunk: Buffer | string): void => {
      for (const sign of chunk.toString()) {
        if (sign === INTERRUPT || sign === END) {
          done(() => reject(new SpecError('interrupted: nothing was sealed')));
          return;
        }
        if (ENTER.includes(sign)) {
          done(() => resolve(line));
          return;
        }
        line = ERASE.includes(sign) ? line.replace(/.$/u, '') : line + sign;
      }
    };
    // First the mode, then the question: an answer that comes at once shall not be shown either
    input.setRawMode(true).setEncoding('utf8');
    input.on('data', take).resume();
    output.write(question);
  });

/**
 * Values of `key=path`, byte for byte; `key=-` reads standard input.
 * @throws SpecError where a pair is none, names a key twice or one that is not needed, or a file can't be read
 */
export const valuesOfFiles = (pairs: readonly string[], keys: readonly string[]): Map<string, Buffer> => {
  const values = new Map<string, Buffer>();
  for (const pair of pairs) {
    const sign = pair.indexOf('=');
    const [key, path] = [pair.slice(0, Math.max(sign, 0)), pair.slice(sign + 1)];
    if (sign < 1 || path === '')
      throw new SpecError(`"${pair}" is not of the form key=path; key=- reads standard input`);
    if (!keys.includes(key)) throw new SpecError(`key "${key}" is not needed; there are ${keys.join(', ')}`);
    if (values.has(key)) throw new SpecError(`key "${key}" is given twice; give it once`);
    try {
      values.set(key, readFileSync(path === '-' ? 0 : path));
    } catch (error) {
      throw new SpecError(`${path} can't be read for key "${key}": ${(error as NodeJS.ErrnoException).code ?? ''}`);
    }
  }
  const empty = [...values].filter(([, value]) => value.length === 0).map(([key]) => key);
  if (empty.length > 0) throw new SpecError(`the value of ${empty.join(', ')} is empty; give one`);
  return values;
};
