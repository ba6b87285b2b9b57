import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const etagOf = (body: Buffer): string => `"${createHash('md5').update(body).digest('hex')}"`;
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

export const ACCESS_KEY = 'AKIAREHEARSAL';
export const SECRET_KEY = 'a-secret-of-no-worth';

/**
 * An S3 of one bucket in memory, for states: objects, their list, and writes on condition that there is none yet, which
 * many small servers take and ignore. Every request must be signed (docs.aws.amazon.com, "Signature Version 4"), and its body be
 * what was signed. It knows no versions, multipart uploads, checksums in trailers or access lists: those are refused.
 */
export class ObjectStorage {
  readonly objects = new Map<string, Buffer>();
  private constructor(
    private readonly server: Server,
    private readonly bucket: string,
  ) {
    server.on('request', (request: IncomingMessage, response) => {
      void buffer(request)
        .then((body) => this.answer(request, body))
        .catch((error: unknown): Answer => {
          const { status, code, message } =
            error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
          const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
          return { status, headers: { 'Content-Type': 'application/xml' }, body: xml };
        })
        .then(({ status, headers = {}, body }) => {
          response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
        });
    });
  }

  static async start(bucket: string): Promise<ObjectStorage> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ObjectStorage(server, bucket);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private answer(request: IncomingMessage, body: Buffer): Answer {
    const url = new URL(request.url ?? '/', this.endpoint);
    this.checkSignature(request, url, body);
    const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    if (bucket !== this.bucket) throw new Refusal(404, 'NoSuchBucket', `there is no bucket ${bucket}`);
    const key = rest.join('/');
    if (key === '' && request.method === 'GET' && url.searchParams.get('list-type') === '2') return this.list(url);
    const found = this.objects.get(key);
    const head = (content: Buffer) => ({ ETag: etagOf(content), 'Content-Length': String(content.length) });
    switch (request.method) {
      case 'HEAD':
      case 'GET':
        if (found === undefined) throw new Refusal(404, 'NoSuchKey', `there is no object ${key}`);
        return { status: 200, headers: head(found), body: found };
      case 'PUT': {
        const condition = request.headers['if-none-match'];
        if (condition !== undefined && condition !== '*')
          throw new Refusal(501, 'NotImplemented', `If-None-Match: ${condition} is not known`);
        if (condition === '*' && found !== undefined)
          throw new Refusal(412, 'PreconditionFailed', 'At least one of the preconditions you specified did not hold');
        this.objects.set(key, body);
        return { status: 200, headers: { ETag: etagOf(body) } };
      }
      case 'DELETE':
        this.objects.delete(key);
        return { status: 204 };
      default:
        throw new Refusal(501, 'NotImplemented', `${request.method ?? ''} is not known`);
    }
  }

  private list(url: URL): Answer {
    const prefix = url.searchParams.get('prefix') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    const body = `<?xml version="1.0"?><ListBucketResult><Name>${this.bucket}</Name><Prefix>${prefix}</Prefix><KeyCount>${keys.length}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`;
    return { status: 200, headers: { 'Content-Type': 'application/xml' }, body };
  }

  /** @throws Refusal 403 where it is not the signature of the one who knows the secret, or not of this body */
  private checkSignature({ method = '', headers }: IncomingMessage, url: URL, body: Buffer): void {
    const [, key, date = '', region = '', names = '', signature = ''] =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? '',
      ) ?? [];
    if (key === undefined) throw new Refusal(403, 'AccessDenied', 'the request is not signed');
    if (key !== ACCESS_KEY) throw new Refusal(403, 'InvalidAccessKeyId', `there is no access key ${key}`);
    const value = (name: string): string => String(headers[name] ?? '').trim();
    const hash = value('x-amz-content-sha256');
    if (hash !== sha256(body)) throw new Refusal(400, 'XAmzContentSHA256Mismatch', `the body is not that of ${hash}`);
    const query = [...url.searchParams].map(([name, text]) => `${escaped(name)}=${escaped(text)}`).sort();
    const path = url.pathname.split('/').map((part) => escaped(decodeURIComponent(part)));
    const signed = names.split(';').map((name) => `${name}:${value(name)}\n`);
    const canonical = [method, path.join('/'), query.join('&'), signed.join(''), names, hash].join('\n');
    const scope = `${date}/${region}/s3/aws4_request`;
    const text = ['AWS4-HMAC-SHA256', value('x-amz-date'), scope, sha256(canonical)].join('\n');
    const secret = [date, region, 's3', 'aws4_request'].reduce<Buffer | string>(hmac, `AWS4${SECRET_KEY}`);
    if (!timingSafeEqual(hmac(secret, text), Buffer.from(signature, 'hex')))
      throw new Refusal(403, 'SignatureDoesNotMatch', 'the signature is not that of the secret key');
  }
}

// As a program: prints the address of a bucket, as a spec has it for its state.
if (require.main === module) {
  void ObjectStorage.start('states').then(({ endpoint }) => console.log(`s3://states?endpoint=${endpoint}`));
}
