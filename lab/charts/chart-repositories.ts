import { createServer } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stringify } from 'yaml';
import { CHART_REPOSITORIES, type ChartRepository } from './catalogue';
import { packageChart, type ChartPackage } from './package-chart';

export interface ChartRepositoriesOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM texts, valid for the host of every repository. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** @default CHART_REPOSITORIES */
  readonly repositories?: readonly ChartRepository[];
}

export interface ChartRequest {
  readonly host: string;
  readonly path: string;
  readonly status: number;
}

export interface ChartRepositories {
  readonly port: number;
  readonly requests: readonly ChartRequest[];
  /** True: everything is answered with 503, until it is set to false again. */
  setDown(down: boolean): void;
  close(): Promise<void>;
}

/** `created` is in every index; a fixed one keeps it the same from run to run. */
const CREATED = '2026-01-01T00:00:00Z';

const indexOf = (packages: readonly ChartPackage[]): string => {
  const entries: Record<string, unknown[]> = {};
  for (const { metadata, digest, file } of packages) {
    // Relative to the repository; flux's real index names its GitHub release instead.
    (entries[String(metadata['name'])] ??= []).push({ ...metadata, digest, created: CREATED, urls: [file] });
  }
  return stringify({ apiVersion: 'v1', generated: CREATED, entries });
};

const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): number => {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
  return status;
};

/**
 * Chart repositories over HTTPS, told apart by the Host header: an index with digests, and the packages in it. What is in
 * no index is answered with 404, as the real ones do.
 */
export const startChartRepositories = async (options: ChartRepositoriesOptions): Promise<ChartRepositories> => {
  const { host, port, tls, repositories = CHART_REPOSITORIES } = options;
  const files = new Map<string, { readonly type: string; readonly body: string | Buffer }>();
  for (const { url, charts } of repositories) {
    const base = url.replace(/^https:\/\//, '');
    const packages = await Promise.all(
      charts.flatMap((chart) => chart.versions.map((version) => packageChart(__dirname, chart, version))),
    );
    files.set(`${base}/index.yaml`, { type: 'text/yaml', body: indexOf(packages) });
    for (const { file, archive } of packages) files.set(`${base}/${file}`, { type: 'application/gzip', body: archive });
  }
  const requests: ChartRequest[] = [];
  let down = false;
  const server = createServer({ cert: tls.cert, key: tls.key }, (request, response) => {
    const asked = (request.headers.host ?? '').replace(/:\d+$/, '');
    const path = new URL(request.url ?? '/', 'https://chart').pathname;
    const file = files.get(`${asked}${path}`);
    const status = down
      ? send(response, 503, 'text/plain', 'Service Unavailable\n')
      : file === undefined
        ? send(response, 404, 'text/plain', '404 page not found\n')
        : send(response, 200, file.type, file.body);
    requests.push({ host: asked, path, status });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    setDown: (value) => {
      down = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
