import { createHash, createHmac } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { request as insecure, type IncomingMessage } from 'node:http';
import { request as secure } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { InputError, type Environment } from '../deployment/find-cluster';
import type { Target } from './target';

type S3Target = Extract<Target, { kind: 's3' }>;

/** A store that says nothing for so long is not waited for. */
const SILENCE_MS = 60_000;

const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const escaped = (part: string): string =>
  encodeURIComponent(part).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const hashOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** Headers of a signed PUT. Source: docs.aws.amazon.com, "Signature Version 4". */
const signed = (
  url: URL,
  region: string,
  bodyHash: string,
  environment: Environment,
  now: Date,
): Record<string, string> => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = environment;
  if (!id || !secret) throw new InputError('S3 needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment');
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const date = time.slice(0, 8);
  const headers: Record<string, string> = {
    host: url.host,
    // A snapshot is never written over.
    'if-none-match': '*',
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': time,
    ...(token ? { 'x-amz-security-token': token } : {}),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name] ?? ''}\n`).join('');
  const canonical = ['PUT', url.pathname, '', lines, names.join(';'), bodyHash].join('\n');
  const scope = `${date}/${region}/s3/aws4_request`;
  const key = [date, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
};

/**
 * Puts a file into a bucket, in one request: up to 5 GiB. The credentials are those of the environment.
 * @throws InputError with the store's own words where it refuses, or where there is such an object already
 */
export const putObject = async (
  file: string,
  { store: { bucket, region, endpoint }, key }: S3Target,
  environment: Environment,
  now: Date,
): Promise<void> => {
  const path = [bucket, ...key.split('/')].map(escaped).join('/');
  const url = new URL(`${endpoint ?? `https://s3.${region}.amazonaws.com`}/${path}`);
  const headers = {
    ...signed(url, region, await hashOf(file), environment, now),
    'content-length': statSync(file).size,
  };
  const failed = (fact: string): InputError => new InputError(`PUT ${url.origin}${url.pathname}: ${fact}`);
  const send = url.protocol === 'http:' ? insecure : secure;
  const call = send(url, { method: 'PUT', headers, agent: false });
  call.setTimeout(SILENCE_MS, () => call.destroy(new Error(`no answer within ${SILENCE_MS / 1000} s`)));
  const answered = new Promise<IncomingMessage>((resolve, reject) => call.on('response', resolve).on('error', reject));
  // A store that refuses may answer, and hang up, before it has everything.
  pipeline(createReadStream(file), call).catch(() => undefined);
  const { status, body } = await answered
    .then(async (response) => ({ status: response.statusCode ?? 0, body: await text(response) }))
    .catch((error: unknown) => {
      throw failed((error as Error).message);
    });
  if (status === 412) throw failed('there is such an object already, and it is left as it is; give another name');
  if (status < 200 || status > 299) {
    const [, code = ''] = /<Code>([^<]*)/.exec(body) ?? [];
    const [, words = ''] = /<Message>([^<]*)/.exec(body) ?? [];
    throw failed(`HTTP ${status} ${code}: ${words}`);
  }
};
