import type { EtcdClient } from '../../../lab/control-plane/etcd-client';
import { SharedAddress } from '../../../lab/control-plane/shared-address';

/** Keys and leases of one etcd, as the election uses them. */
class FakeEtcd {
  readonly keys = new Map<string, { readonly value: string; readonly lease: bigint }>();
  private readonly leases = new Set<bigint>();
  private last = 0n;

  readonly client = {
    grantLease: () => {
      this.last += 1n;
      this.leases.add(this.last);
      return Promise.resolve(this.last);
    },
    keepAlive: (lease: bigint) => Promise.resolve(this.leases.has(lease)),
    put: (key: string, value: string, lease: bigint) => {
      this.keys.set(key, { value, lease });
      return Promise.resolve();
    },
    oldestKey: (prefix: string) => Promise.resolve([...this.keys.keys()].find((key) => key.startsWith(prefix))),
    revokeLease: (lease: bigint) => {
      this.expire(lease);
      return Promise.resolve();
    },
    close: () => undefined,
  } as unknown as EtcdClient;

  expire(lease: bigint): void {
    this.leases.delete(lease);
    for (const [key, bound] of this.keys) if (bound.lease === lease) this.keys.delete(key);
  }
}

interface Plane {
  readonly held: Set<string>;
  readonly election: SharedAddress;
  etcd: boolean;
  apiServer: boolean;
}

describe('T-12 the VIP of Talos itself', () => {
  const etcd = new FakeEtcd();
  const plane = (hostname: string): Plane => {
    const held = new Set<string>();
    const one: Plane = {
      held,
      etcd: true,
      apiServer: false,
      election: new SharedAddress({
        address: '10.0.3.1',
        hostname,
        open: () => etcd.client,
        isEtcdHealthy: () => one.etcd,
        hasApiServer: () => one.apiServer,
        hold: (address, isHeld) => {
          if (isHeld) held.add(address);
          else held.delete(address);
          return Promise.resolve();
        },
        log: () => undefined,
      }),
    };
    return one;
  };
  const first = plane('controlplane0');
  const second = plane('controlplane1');
  const holders = (): string[] =>
    Object.entries({ first, second })
      .filter(([, { held }]) => held.has('10.0.3.1'))
      .map(([name]) => name);
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  beforeAll(() => void jest.useFakeTimers());
  afterAll(async () => {
    const ended = Promise.all([first.election.stop(), second.election.stop()]);
    await pass(2000);
    await ended;
    jest.useRealTimers();
  });

  test('nobody holds it without a healthy etcd; who stood first then does, with no API server yet', async () => {
    first.etcd = false;
    first.election.start();
    await pass(2000);
    expect(holders()).toEqual([]);
    first.etcd = true;
    await pass(1000);
    second.election.start();
    await pass(2000);
    expect(holders()).toEqual(['first']);
    expect([...etcd.keys]).toEqual([
      ['talos:v1:vip:election:10.0.3.1/1', { value: 'controlplane0', lease: 1n }],
      ['talos:v1:vip:election:10.0.3.1/2', { value: 'controlplane1', lease: 2n }],
    ]);
  });

  test('it moves when the pod of the API server is torn down', async () => {
    first.apiServer = true;
    await pass(1000);
    expect(holders()).toEqual(['first']);
    first.apiServer = false;
    await pass(2000);
    expect(holders()).toEqual(['second']);
  });

  test('it moves when etcd is no longer healthy, and when the session has ended', async () => {
    second.etcd = false;
    await pass(2000);
    expect(holders()).toEqual(['first']);
    second.etcd = true;
    await pass(2000);
    const [leader] = etcd.keys.values();
    etcd.expire(leader?.lease ?? 0n);
    await pass(2000);
    expect(holders()).toEqual(['second']);
  });

  test('a node that stops gives it up and takes its key with it', async () => {
    const stopped = second.election.stop();
    await pass(1000);
    await stopped;
    await pass(1000);
    expect(holders()).toEqual(['first']);
    expect([...etcd.keys.values()].map(({ value }) => value)).toEqual(['controlplane0']);
  });
});
