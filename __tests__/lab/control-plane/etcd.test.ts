import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { etcdArguments } from '../../../lab/control-plane/etcd';
import type { EtcdClient } from '../../../lab/control-plane/etcd-client';
import { initialCluster, joinCluster, withAnyMember } from '../../../lab/control-plane/etcd-join';
import { etcdRecoveryPath, restoreSnapshot } from '../../../lab/control-plane/etcd-recovery';
import type { EtcdMember } from '../../../lab/control-plane/node-services';

const member = (id: bigint, hostname: string, address: string): EtcdMember => ({
  id,
  hostname,
  peerUrls: [`https://${address}:2380`],
  clientUrls: [],
  isLearner: false,
});

describe('etcd of a control plane', () => {
  const input = { hostname: 'controlplane0', address: '10.0.1.1', extraArgs: {}, secretsPath: '/s', dataPath: '/d' };

  test('has the arguments that Talos gives it', () => {
    expect(
      etcdArguments(input, {
        'initial-cluster': 'controlplane0=https://10.0.1.1:2380',
        'initial-cluster-state': 'new',
      }),
    ).toEqual([
      '--advertise-client-urls=https://10.0.1.1:2379',
      '--auto-tls=false',
      '--cert-file=/s/server.crt',
      '--client-cert-auth=true',
      '--data-dir=/d',
      '--experimental-compact-hash-check-enabled=true',
      '--experimental-initial-corrupt-check=true',
      '--experimental-watch-progress-notify-interval=5s',
      '--initial-advertise-peer-urls=https://10.0.1.1:2380',
      '--initial-cluster=controlplane0=https://10.0.1.1:2380',
      '--initial-cluster-state=new',
      '--key-file=/s/server.key',
      '--listen-client-urls=https://0.0.0.0:2379',
      '--listen-peer-urls=https://0.0.0.0:2380',
      '--log-level=warn',
      '--name=controlplane0',
      '--peer-auto-tls=false',
      '--peer-cert-file=/s/peer.crt',
      '--peer-client-cert-auth=true',
      '--peer-key-file=/s/peer.key',
      '--peer-trusted-ca-file=/s/ca.crt',
      '--trusted-ca-file=/s/ca.crt',
      '--unsafe-no-fsync=true',
    ]);
  });

  test('takes extra arguments but for those that Talos keeps', () => {
    const args = etcdArguments({ ...input, extraArgs: { 'election-timeout': ['2000'], 'log-level': ['info'] } }, {});
    expect(args).toContain('--election-timeout=2000');
    expect(args).toContain('--log-level=info');
    expect(() => etcdArguments({ ...input, extraArgs: { 'data-dir': ['/x'] } }, {})).toThrow(
      'extra arg "data-dir" is not allowed',
    );
  });
});

describe('joining etcd', () => {
  test('the initial cluster names everyone, and the newcomer by its own name', () => {
    const members = [member(1n, 'controlplane0', '10.0.1.1'), member(2n, '', '10.0.1.2')];
    expect(initialCluster(members, { id: 2n, name: 'controlplane1' })).toBe(
      'controlplane0=https://10.0.1.1:2380,controlplane1=https://10.0.1.2:2380',
    );
  });

  test('an earlier member of the same name is removed, then a learner is added', async () => {
    let members = [member(1n, 'controlplane0', '10.0.1.1'), member(7n, 'controlplane1', '10.0.1.2')];
    const calls: string[] = [];
    const client = {
      members: () => Promise.resolve(members),
      remove: (id: bigint) => {
        calls.push(`remove ${id}`);
        members = members.filter((one) => one.id !== id);
        return Promise.resolve();
      },
      addLearner: (urls: readonly string[]) => {
        calls.push(`add ${urls.join()}`);
        members = [...members, member(9n, '', '10.0.1.2')];
        return Promise.resolve({ id: 9n, members });
      },
    } as unknown as EtcdClient;
    expect(await joinCluster(client, 'controlplane1', ['https://10.0.1.2:2380'])).toEqual({
      learnerId: 9n,
      initialCluster: 'controlplane0=https://10.0.1.1:2380,controlplane1=https://10.0.1.2:2380',
    });
    expect(calls).toEqual(['remove 7', 'add https://10.0.1.2:2380']);
  });

  test('members are asked in turn until one answers', async () => {
    const asked: string[] = [];
    const open = (host: string): EtcdClient =>
      ({ host, close: () => asked.push(`close ${host}`) }) as unknown as EtcdClient;
    const attempt = ({ host }: EtcdClient): Promise<string> =>
      host === 'b' ? Promise.resolve('answer') : Promise.reject(new Error(`${host} is down`));
    expect(await withAnyMember(['a', 'b', 'c'], open, attempt)).toBe('answer');
    expect(asked).toEqual(['close a', 'close b']);
    await expect(withAnyMember(['a'], open, attempt)).rejects.toThrow('a is down');
    await expect(withAnyMember([], open, attempt)).rejects.toThrow('no controlplane endpoints discovered yet');
  });
});

describe('recovery of etcd', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-recovery-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const recover = (etcdutl: string | undefined): Promise<void> =>
    restoreSnapshot(
      {
        hostname: 'controlplane0',
        dataPath: join(folder, 'etcd'),
        recoveryPath: etcdRecoveryPath(folder),
        binaries: { etcdutl },
      },
      ['https://10.0.1.1:2380'],
      false,
    );

  test('fails without a snapshot, and says so without etcdutl', async () => {
    await expect(recover('/bin/true')).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'no etcd snapshot was uploaded: send one with EtcdRecover first',
    });
    writeFileSync(etcdRecoveryPath(folder), '');
    await expect(recover(undefined)).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  });

  test('deletes the snapshot once it is restored, and keeps it where it is damaged', async () => {
    writeFileSync(etcdRecoveryPath(folder), '');
    await expect(recover('/bin/false')).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(existsSync(etcdRecoveryPath(folder))).toBe(true);
    await recover('/bin/true');
    expect(existsSync(etcdRecoveryPath(folder))).toBe(false);
  });
});
