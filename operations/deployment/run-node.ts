import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CHECKOUT, InputError, type Environment } from './find-cluster';

/**
 * What a Node program of this checkout prints: one of a room that is a process of its own.
 * @param parameters of node: how it loads TypeScript, the file, and what is passed on
 * @throws InputError with the words of what failed
 */
export const runNode = async (parameters: readonly string[], environment: Environment): Promise<string> => {
  try {
    const options = { cwd: CHECKOUT, env: environment, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(process.execPath, parameters, options)).stdout;
  } catch (error) {
    const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
    throw new InputError((stderr || message).trim());
  }
};
