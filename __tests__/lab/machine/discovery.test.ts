import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDiscovery, type Affiliate } from '../../../lab/discovery/discovery';
import { manualClock } from '../../../lab/durations/clock';
import { DiscoveryClient, exchangeOverHttps, type Exchange } from '../../../lab/machine/discovery';
import { selfSigned } from '../../setup/certificate';

const SELF: Affiliate = { nodeId: 'a', address: '10.0.1.1', hostname: 'controlplane0', role: 'controlplane' };
const OTHERS: readonly Affiliate[] = [
  { nodeId: 'c', address: '10.0.1.3', hostname: 'controlplane2', role: 'controlplane' },
  { nodeId: 'b', address: '10.0.1.2', hostname: 'controlplane1', role: 'controlplane' },
  { nodeId: 'w', address: '10.0.2.1', hostname: 'worker0', role: 'worker' },
  SELF,
];

describe('discovery', () => {
  /** Runs a client until it has been answered `rounds` times. */
  const run = async (
    answers: (call: number) => string,
    rounds: number,
  ): Promise<{ client: DiscoveryClient; sent: string[]; log: string[] }> => {
    const sent: string[] = [];
    const log: string[] = [];
    let calls = 0;
    const holder: { client?: DiscoveryClient } = {};
    const exchange: Exchange = (method, url, body) => {
      sent.push(`${method} ${url}${body === undefined ? '' : ` ${body}`}`);
      if (method === 'POST') return Promise.resolve('');
      calls += 1;
      if (calls >= rounds) holder.client?.stop();
      return new Promise((resolve) => resolve(answers(calls)));
    };
    const client = new DiscoveryClient({
      ...{ url: 'https://discovery.talos.dev', clusterId: 'lab+/=', self: SELF, exchange, clock: manualClock() },
      log: (line) => log.push(line),
    });
    holder.client = client;
    await client.run();
    return { client, sent, log };
  };

  test('makes itself known, and learns of the other control planes', async () => {
    const { client, sent } = await run(() => JSON.stringify(OTHERS), 2);
    expect(client.controlPlanes()).toEqual(['10.0.1.2', '10.0.1.3']);
    expect(sent).toEqual([
      `POST https://discovery.talos.dev/v1/clusters/lab%2B%2F%3D/affiliates ${JSON.stringify(SELF)}`,
      'GET https://discovery.talos.dev/v1/clusters/lab%2B%2F%3D/affiliates',
      'GET https://discovery.talos.dev/v1/clusters/lab%2B%2F%3D/affiliates',
    ]);
  });

  test('asks every second, and renews every ten', async () => {
    const { sent } = await run(() => '[]', 12);
    expect(sent.map((line) => line.split(' ')[0]).join(' ')).toBe(
      'POST GET GET GET GET GET GET GET GET GET GET POST GET GET',
    );
  });

  test('a service that is gone is told of once, and what was learnt stays', async () => {
    const { client, log } = await run((call) => {
      if (call > 1) throw new Error('connect ECONNREFUSED');
      return JSON.stringify(OTHERS);
    }, 4);
    expect(client.controlPlanes()).toEqual(['10.0.1.2', '10.0.1.3']);
    expect(log).toEqual(['discovery: connect ECONNREFUSED']);
  });

  test('it speaks as the service of the lab does', async () => {
    const tls = await selfSigned();
    const service = await startDiscovery({ host: '127.0.0.1', port: 0, tls });
    const folder = mkdtempSync(join(tmpdir(), 'discovery-'));
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, tls.cert);
    const clients = [SELF, OTHERS[1], OTHERS[2]].flatMap((self) =>
      self === undefined
        ? []
        : [
            new DiscoveryClient({
              ...{ url: `https://localhost:${service.port}`, clusterId: 'lab', self, log: () => undefined },
              exchange: exchangeOverHttps(caFile),
              clock: { now: () => Date.now(), sleep: () => new Promise((resolve) => setTimeout(resolve, 10)) },
            }),
          ],
    );
    const runs = clients.map((client) => client.run());
    for (let tries = 0; tries < 500 && clients[2]?.controlPlanes().length !== 2; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    for (const client of clients) client.stop();
    await Promise.all(runs);
    await service.close();
    rmSync(folder, { recursive: true });
    expect(clients.map((client) => client.controlPlanes())).toEqual([
      ['10.0.1.2'],
      ['10.0.1.1'],
      ['10.0.1.1', '10.0.1.2'],
    ]);
  });
});
