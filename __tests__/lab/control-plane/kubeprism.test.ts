import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { KubePrism, kubePrismUpstreams, type Upstream } from '../../../lab/control-plane/kubeprism';
import { readNodeConfig, type NodeConfig } from '../../../lab/control-plane/machine-config';
import { machineConfigs } from './testbed/machine-configs';

describe('upstreams of KubePrism', () => {
  let configs: Record<string, NodeConfig>;
  beforeAll(async () => {
    const documents = await machineConfigs({
      nodes: [
        { name: 'controlplane0', address: '10.0.1.1', role: 'controlplane' },
        { name: 'worker0', address: '10.0.2.1', role: 'worker' },
      ],
      vip: '10.0.3.1',
    });
    configs = Object.fromEntries(Object.entries(documents).map(([name, document]) => [name, readNodeConfig(document)]));
  });
  const upstreams = (name: string, discovered: readonly string[]): string[] =>
    kubePrismUpstreams(configs[name] ?? readNodeConfig({}), discovered).map(({ host, port }) => `${host}:${port}`);

  test('a worker without discovery has the endpoint alone', () => {
    expect(upstreams('worker0', [])).toEqual(['10.0.3.1:6443']);
  });
  test('a control plane without discovery has its own API server too', () => {
    expect(upstreams('controlplane0', [])).toEqual(['10.0.3.1:6443', 'localhost:6443']);
  });
  test('with discovery there are the other control planes', () => {
    expect(upstreams('worker0', ['10.0.1.1', '10.0.1.2'])).toEqual(['10.0.3.1:6443', '10.0.1.1:6443', '10.0.1.2:6443']);
    expect(upstreams('controlplane0', ['10.0.1.2'])).toEqual(['10.0.3.1:6443', 'localhost:6443', '10.0.1.2:6443']);
  });
});

describe('KubePrism as a proxy', () => {
  const servers: Server[] = [];
  const listen = async (name: string): Promise<Upstream> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => socket.write(`${name}:${data.toString()}`));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  };
  const freePort = async (): Promise<number> => {
    const { port } = await listen('unused');
    servers.pop()?.close();
    return port;
  };
  const ask = (port: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write('hello'));
      socket.once('data', (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.once('close', () => reject(new Error('closed')));
      socket.on('error', reject);
    });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test('passes bytes to an upstream that answers, and over one that does not', async () => {
    const dead = { host: '127.0.0.1', port: await freePort() };
    const alive = await listen('alive');
    const port = await freePort();
    const proxy = new KubePrism({ port, upstreams: () => [dead, alive], checkIntervalMs: 20 });
    await proxy.start();
    expect(await ask(port)).toBe('alive:hello');
    await after(60);
    expect(proxy.status()).toEqual([
      { endpoint: `127.0.0.1:${dead.port}`, healthy: false },
      { endpoint: `127.0.0.1:${alive.port}`, healthy: true },
    ]);
    await proxy.stop();
  });

  test('closes a client where nobody answers, and follows a list that changes', async () => {
    const port = await freePort();
    const late = await listen('late');
    let upstreams: readonly Upstream[] = [];
    const proxy = new KubePrism({ port, upstreams: () => upstreams, checkIntervalMs: 20 });
    await proxy.start();
    await expect(ask(port)).rejects.toThrow('closed');
    upstreams = [late];
    await after(60);
    expect(await ask(port)).toBe('late:hello');
    await proxy.stop();
  });

  test('ends open connections to an upstream that is gone from the list', async () => {
    const port = await freePort();
    const target = await listen('target');
    let upstreams: readonly Upstream[] = [target];
    const proxy = new KubePrism({ port, upstreams: () => upstreams, checkIntervalMs: 20 });
    await proxy.start();
    const socket = connect(port, '127.0.0.1', () => socket.write('hello'));
    await new Promise((resolve) => socket.once('data', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    upstreams = [];
    await closed;
    await proxy.stop();
  });
});
