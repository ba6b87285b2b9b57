import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock, type Clock } from '../durations/clock';
import { PROFILES, type Durations } from '../durations/durations';
import { encodeDiskImage } from '../hardware/disk-image';
import { EnterpriseOnly, InvalidPath, parseAssetPath } from './asset-path';
import { hasExtension, hasOverlay, officialExtensions, officialOverlays, TALOS_VERSIONS } from './catalogue';
import { FaultQueue, type FactoryFault } from './faults';
import { InvalidSchematic, parseSchematic, type Schematic } from './schematic';

export interface ImageFactoryOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM texts; `cert` may hold a chain. @default - plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly durations?: Durations;
  readonly clock?: Clock;
  /** @default TALOS_VERSIONS */
  readonly versions?: readonly string[];
}

/** One request as it was answered, for assertions. */
export interface FactoryRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** A POST's body was byte for byte what the factory keeps: its sender computes ids as the factory does. */
  readonly canonical?: boolean;
}

export interface ImageFactory {
  readonly port: number;
  readonly requests: readonly FactoryRequest[];
  /** Images built so far, as `<schematic>/<version>/<path>`: each is built once. */
  readonly built: readonly string[];
  /** Ids of the schematics that were posted, in order. */
  schematics(): readonly string[];
  inject(fault: FactoryFault): void;
  close(): Promise<void>;
}

/** A plain text answer, as Go's http.Error gives it. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const MIB = 1024 * 1024;
/** Virtual size of the disk. Source: siderolabs/talos pkg/imager/profile/default.go, MinRAWDiskSize and DefaultRAWDiskSize. */
const DISK_MIB: Readonly<Record<string, number>> = { metal: 1246, nocloud: 8192 };
const SCHEMATIC_LIMIT = 1024 * 1024;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > SCHEMATIC_LIMIT) throw new Refusal(413, 'request body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const refusalOf = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error;
  if (error instanceof InvalidSchematic || error instanceof InvalidPath) return new Refusal(400, error.message);
  if (error instanceof EnterpriseOnly) return new Refusal(402, error.message);
  return new Refusal(500, 'internal server error');
};

/** State and routes; the server below is only its transport. */
class Factory {
  readonly requests: FactoryRequest[] = [];
  readonly faults = new FaultQueue();
  readonly schematics = new Map<string, Schematic>();
  private readonly images = new Map<string, Promise<Buffer>>();

  constructor(
    private readonly versions: readonly string[],
    private readonly durations: Durations,
    private readonly clock: Clock,
  ) {}

  get built(): readonly string[] {
    return [...this.images.keys()];
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', 'https://factory');
    const image = /^\/image\/[^/]+\/[^/]+\/[^/]+$/.test(url.pathname);
    const fault = this.faults.take(url.pathname, image && method === 'GET');
    let canonical: boolean | undefined;
    try {
      if (fault?.kind === 'slow') await this.clock.sleep(fault.ms);
      if (fault?.kind === 'status') throw new Refusal(fault.status ?? 500, 'internal server error');
      if (method === 'POST' && url.pathname === '/schematics') canonical = await this.postSchematic(request, response);
      else if (method === 'GET' || method === 'HEAD')
        await this.get(url, method === 'HEAD', fault?.kind === 'truncated', response);
      else throw new Refusal(405, 'Method Not Allowed');
    } catch (error) {
      const { status, message } = refusalOf(error);
      response
        .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' })
        .end(`${message}\n`);
    }
    this.requests.push({
      method,
      path: url.pathname,
      status: response.statusCode,
      ...(canonical === undefined ? {} : { canonical }),
    });
  }

  private async postSchematic(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const body = await readBody(request);
    const schematic = parseSchematic(body);
    this.schematics.set(schematic.id, schematic);
    response
      .writeHead(201, { 'Content-Type': 'application/json' })
      .end(`${JSON.stringify({ id: schematic.id, schematic: schematic.canonical })}\n`);
    return body === schematic.canonical;
  }

  private async get(url: URL, head: boolean, truncated: boolean, response: ServerResponse): Promise<void> {
    const [, room, ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const [first = '', second = '', third = ''] = rest;
    if ((room === 'healthz' || room === 'readyz') && rest.length === 0) response.writeHead(200).end();
    else if (room === 'versions' && rest.length === 0)
      this.json(response, url.searchParams.get('broken') === 'true' ? [] : this.versions);
    else if (room === 'version' && rest.length === 3 && third === 'official' && second === 'extensions')
      this.json(response, officialExtensions(this.version(first)));
    else if (room === 'version' && rest.length === 3 && third === 'official' && second === 'overlays')
      this.json(response, officialOverlays(this.version(first)));
    else if (room === 'schematics' && rest.length === 1 && !head) {
      const schematic = this.schematics.get(first);
      if (schematic === undefined) throw new Refusal(404, 'schematic not found');
      response.writeHead(200, { 'Content-Type': 'application/yaml' }).end(schematic.canonical);
    } else if (room === 'image' && rest.length === 3) {
      const image = await this.image(first, second, third);
      const filename = url.searchParams.get('filename') ?? third;
      response.writeHead(200, {
        'Content-Length': image.length,
        'Content-Type': 'application/x-qemu-disk',
        'Content-Disposition': `attachment; filename="${filename}"`,
      });
      if (head) response.end();
      else if (truncated) response.write(image.subarray(0, Math.floor(image.length / 2)), () => response.destroy());
      else response.end(image);
    } else throw new Refusal(404, '404 page not found');
  }

  private json(response: ServerResponse, value: unknown): void {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${JSON.stringify(value)}\n`);
  }

  /** With leading `v`. @throws Refusal 404 for a release that does not exist, 500 for text that is none, as the factory does */
  private version(text: string): string {
    const version = text.startsWith('v') ? text : `v${text}`;
    if (!/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) throw new Refusal(500, 'internal server error');
    if (!this.versions.includes(version)) throw new Refusal(404, `version ${version.slice(1)} is not available`);
    return version;
  }

  private async image(id: string, versionText: string, path: string): Promise<Buffer> {
    if (/\.(sha256|sha512|sigstore\.json)$/.test(path)) parseAssetPath(path);
    const schematic = this.schematics.get(id);
    if (schematic === undefined) throw new Refusal(404, `schematic ID ${JSON.stringify(id)} not found`);
    const { platform, arch, secureBoot } = parseAssetPath(path);
    const version = this.version(versionText);
    const enhance = (text: string): Refusal =>
      new Refusal(400, `error enhancing profile from schematic: ${text} is not available for Talos version ${version}`);
    const missing = schematic.extensions.find((name) => !hasExtension(name));
    if (missing !== undefined) throw enhance(`official extension ${JSON.stringify(missing)}`);
    if (schematic.overlay !== '' && !hasOverlay(schematic.overlay))
      throw enhance(`official overlay ${JSON.stringify(schematic.overlay)}`);
    const key = `${id}/${version}/${path}`;
    const building =
      this.images.get(key) ??
      this.build({
        talosVersion: version,
        schematicId: id,
        schematic: schematic.canonical,
        platform,
        arch,
        ...(secureBoot ? { secureBoot } : {}),
      });
    this.images.set(key, building);
    return building;
  }

  private async build(image: Parameters<typeof encodeDiskImage>[0]): Promise<Buffer> {
    await this.clock.sleep(this.durations['image-build'].ms);
    return encodeDiskImage(image, (DISK_MIB[image.platform] ?? 8192) * MIB);
  }
}

/**
 * A stand-in for Talos Image Factory (siderolabs/image-factory, open edition): schematics, versions, extensions and qcow2
 * disk images. It makes no kernels, ISOs or installers, signs nothing, and forgets all when it is closed.
 */
export const startImageFactory = async (options: ImageFactoryOptions): Promise<ImageFactory> => {
  const { host, port, tls, durations = PROFILES.instant, clock = systemClock, versions = TALOS_VERSIONS } = options;
  const factory = new Factory(versions, durations, clock);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    factory.answer(request, response).catch(() => response.destroy());
  };
  const server = tls === undefined ? createPlainServer(answer) : createServer({ cert: tls.cert, key: tls.key }, answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests: factory.requests,
    get built() {
      return factory.built;
    },
    schematics: () => [...factory.schematics.keys()],
    inject: (fault) => factory.faults.add(fault),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
