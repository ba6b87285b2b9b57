import { manualClock } from '../../../lab/durations/clock';
import { startDiscovery, type Discovery } from '../../../lab/discovery/discovery';
import { ask, selfSigned } from '../../setup/certificate';

const CP = { nodeId: 'n0', address: '10.0.1.1', hostname: 'controlplane0', role: 'controlplane' };
const WORKER = { nodeId: 'n1', address: '10.0.2.1', hostname: 'worker0', role: 'worker' };

describe('T-11b the discovery service', () => {
  const clock = manualClock();
  let tls: { readonly cert: string; readonly key: string };
  let discovery: Discovery;
  const call = async (method: string, path: string, body?: unknown): Promise<[number, string]> => {
    const answer = await ask(
      discovery.port,
      tls.cert,
      { method, path },
      body === undefined ? undefined : JSON.stringify(body),
    );
    return [answer.status, answer.body.toString()];
  };

  beforeAll(async () => {
    tls = await selfSigned();
    discovery = await startDiscovery({ host: '127.0.0.1', port: 0, tls, clock });
  });
  afterAll(() => discovery.close());

  test('members of a cluster see each other, and no other cluster', async () => {
    expect(await call('GET', '/v1/clusters/a/affiliates')).toEqual([200, '[]']);
    expect(await call('POST', '/v1/clusters/a/affiliates', CP)).toEqual([204, '']);
    expect(await call('POST', '/v1/clusters/a/affiliates', WORKER)).toEqual([204, '']);
    expect(await call('GET', '/v1/clusters/a/affiliates')).toEqual([200, JSON.stringify([CP, WORKER])]);
    expect(await call('GET', '/v1/clusters/b/affiliates')).toEqual([200, '[]']);
  });

  test('who is not heard of for 30 minutes is forgotten', async () => {
    await call('POST', '/v1/clusters/c/affiliates', CP);
    clock.advance(20 * 60_000);
    await call('POST', '/v1/clusters/c/affiliates', WORKER);
    clock.advance(10 * 60_000);
    expect(discovery.affiliates('c')).toEqual([WORKER]);
  });

  test('what is no affiliate is refused', async () => {
    const wanted = 'affiliate must be {nodeId, address, hostname, role: controlplane | worker}\n';
    expect(await call('POST', '/v1/clusters/a/affiliates', { ...CP, role: 'init' })).toEqual([400, wanted]);
    expect(await call('POST', '/v1/clusters/a/affiliates')).toEqual([400, wanted]);
    expect(await call('PUT', '/v1/clusters/a/affiliates', CP)).toEqual([405, 'method not allowed\n']);
    expect(await call('GET', '/v1/clusters')).toEqual([404, 'not found\n']);
  });
});
