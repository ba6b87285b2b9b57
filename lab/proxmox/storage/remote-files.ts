import { createWriteStream } from 'node:fs';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '../errors';

/** What a host fetches from elsewhere: by name and over TLS, as the real one does. */
export interface RemoteFiles {
  /** HEAD after redirects; status 500 where nobody answers, as LWP::UserAgent has it. */
  head(
    url: string,
    verify: boolean,
  ): Promise<{ status: number; reason: string; headers: Readonly<Record<string, string>> }>;
  /** GET into a file. @throws Error `exit code <n>` as wget ends */
  download(url: string, verify: boolean, path: string, signal: AbortSignal): Promise<void>;
}

/** wget's manual, "Exit Status". */
const EXIT = { file: 3, network: 4, tls: 5, server: 8 } as const;
/** wget follows 20 redirects, LWP::UserAgent 7. */
const REDIRECTS = { GET: 20, HEAD: 7 } as const;

class WgetError extends Error {
  constructor(code: number) {
    super(`exit code ${code}`);
  }
}

const send = (
  method: 'GET' | 'HEAD',
  url: URL,
  verify: boolean,
  ca: readonly string[],
  signal?: AbortSignal,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { 'User-Agent': method === 'HEAD' ? 'Proxmox VE' : 'Wget/1.25.0', Accept: '*/*' },
      agent: false as const,
      ...(signal === undefined ? {} : { signal }),
    };
    const tls = { rejectUnauthorized: verify, ...(ca.length > 0 ? { ca: [...ca] } : {}) };
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...tls }, resolve)
        : httpRequest(url, options, resolve);
    request.on('error', reject);
    request.end();
  });

const follow = async (
  method: 'GET' | 'HEAD',
  url: string,
  verify: boolean,
  ca: readonly string[],
  signal?: AbortSignal,
): Promise<IncomingMessage> => {
  let at = new URL(url);
  for (let hop = 0; ; hop += 1) {
    const answer = await send(method, at, verify, ca, signal);
    const { location } = answer.headers;
    if (
      location === undefined ||
      ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0) ||
      hop === REDIRECTS[method]
    )
      return answer;
    answer.resume();
    at = new URL(location, at);
  }
};

/** @param ca PEM certificates that are trusted instead of the system's; none: the system's */
export const remoteFiles = (ca: readonly string[]): RemoteFiles => ({
  head: async (url, verify) => {
    try {
      const answer = await follow('HEAD', url, verify, ca);
      answer.resume();
      const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
      return { status: answer.statusCode ?? 0, reason: answer.statusMessage ?? '', headers };
    } catch (error) {
      const { host } = new URL(url);
      return { status: 500, reason: `Can't connect to ${host} (${messageOf(error)})`, headers: {} };
    }
  },
  download: async (url, verify, path, signal) => {
    let answer: IncomingMessage;
    try {
      answer = await follow('GET', url, verify, ca, signal);
    } catch (error) {
      signal.throwIfAborted();
      const code = (error as NodeJS.ErrnoException).code ?? '';
      throw new WgetError(/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? EXIT.tls : EXIT.network);
    }
    if (answer.statusCode !== 200) {
      answer.resume();
      throw new WgetError(EXIT.server);
    }
    const file = createWriteStream(path);
    try {
      await pipeline(answer, file, { signal });
    } catch {
      signal.throwIfAborted();
      throw new WgetError(answer.complete ? EXIT.file : EXIT.network);
    }
  },
});
