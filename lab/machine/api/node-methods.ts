import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { partition } from '../../hardware/disk';
import { etcdRecoveryPath } from '../../control-plane/etcd-recovery';
import type { NodeServices } from '../../control-plane/node-services';
import type { Machine } from '../machine';
import { ApiError } from './api-error';
import { service, stream, unary, upload, type Handler } from './local-backend';
import { reply } from './machine-methods';

/** The services of a control plane. @throws ApiError in Talos' words on any other machine (machinehelper.CheckControlplane) */
const controlPlane = ({ config, services }: Machine, api: string): NodeServices => {
  if (config === undefined) throw new ApiError('UNIMPLEMENTED', `machine type is not set, cannot use ${api} API`);
  if (config.type !== 'controlplane')
    throw new ApiError('UNIMPLEMENTED', `${api} is only available on control plane nodes`);
  if (services === undefined) throw new ApiError('UNAVAILABLE', `${api}: services are starting`);
  return services;
};

interface BootstrapRequest {
  readonly recover_etcd: boolean;
  readonly recover_skip_hash_check: boolean;
}

const bootstrap =
  (machine: Machine) =>
  async (request: BootstrapRequest): Promise<object> => {
    const { config, services, version } = machine;
    if (config === undefined || services === undefined)
      throw new ApiError('FAILED_PRECONDITION', 'bootstrap is not available yet');
    if (config.type === 'worker' && !version.bootstrapOnWorkerIsUnimplemented())
      throw new ApiError('FAILED_PRECONDITION', 'bootstrap can only be performed on a control plane node');
    await controlPlane(machine, 'bootstrap').bootstrap({
      recoverEtcd: request.recover_etcd,
      recoverSkipHashCheck: request.recover_skip_hash_check,
    });
    return reply({});
  };

/** One file in a tar archive: the header of POSIX ustar, the content, two empty blocks. */
const tarOf = (name: string, content: Buffer, seconds: number): Buffer => {
  const header = Buffer.alloc(512);
  const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;
  for (const [at, text] of [
    [0, name],
    [100, octal(0o600, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(content.length, 12)],
    [136, octal(seconds, 12)],
    [148, '        '],
    [156, '0'],
    [257, 'ustar\x0000'],
  ] as const)
    header.write(text, at, 'latin1');
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)]);
};

const kubeconfig =
  (machine: Machine) =>
  async (_request: object, send: (message: object) => Promise<void>): Promise<void> => {
    const text = controlPlane(machine, 'kubeconfig').kubeconfig();
    await send({
      bytes: gzipSync(tarOf('kubeconfig', Buffer.from(text), Math.floor(machine.input.clock.now() / 1000))),
    });
  };

const members =
  (machine: Machine) =>
  async ({ query_local }: { readonly query_local: boolean }): Promise<object> => {
    const list = await controlPlane(machine, 'member list').etcdMembers({ queryLocal: query_local });
    return reply({
      legacy_members: list.map(({ hostname }) => hostname),
      members: list.map(({ id, hostname, peerUrls, clientUrls, isLearner }) => ({
        ...{ id: String(id), hostname, peer_urls: peerUrls, client_urls: clientUrls, is_learner: isLearner },
      })),
    });
  };

const alarms = (machine: Machine) => async (): Promise<object> => {
  const list = await controlPlane(machine, 'etcd alarm list').etcdAlarms();
  return reply({ member_alarms: list.map(({ memberId, alarm }) => ({ member_id: String(memberId), alarm })) });
};

interface Data {
  readonly bytes: Buffer;
}

/** Keeps an uploaded snapshot where the next bootstrap with `recover_etcd` looks for it; a broken upload leaves nothing. */
const recover =
  (machine: Machine) =>
  async (messages: AsyncIterable<Data>): Promise<object> => {
    controlPlane(machine, 'etcd recover');
    const path = etcdRecoveryPath(partition(machine.disk.path, 'EPHEMERAL'));
    const file = createWriteStream(path, { mode: 0o600 });
    try {
      for await (const { bytes } of messages) if (!file.write(bytes)) await once(file, 'drain');
      file.end();
      await once(file, 'finish');
    } catch (fault) {
      file.destroy();
      await rm(path, { force: true });
      throw fault;
    }
    return reply({});
  };

/** What only a node of a cluster answers. */
export const nodeMethods = (machine: Machine): readonly [string, Handler][] =>
  service('machine.MachineService', {
    Bootstrap: unary(bootstrap(machine)),
    EtcdAlarmList: unary(alarms(machine)),
    EtcdForfeitLeadership: unary(async () =>
      reply({ member: await controlPlane(machine, 'etcd forfeit leadership').etcdForfeitLeadership() }),
    ),
    EtcdLeaveCluster: unary(async () => {
      await controlPlane(machine, 'etcd leave').etcdLeave();
      return reply({});
    }),
    EtcdMemberList: unary(members(machine)),
    EtcdRecover: upload(recover(machine)),
    EtcdRemoveMemberByID: unary(async ({ member_id }: { readonly member_id: string }) => {
      await controlPlane(machine, 'etcd remove member').etcdRemoveMember(BigInt(member_id));
      return reply({});
    }),
    EtcdSnapshot: stream(async (_request: object, send) => {
      for await (const chunk of await controlPlane(machine, 'etcd snapshot').etcdSnapshot())
        await send({ bytes: chunk as Buffer });
    }),
    Kubeconfig: stream(kubeconfig(machine)),
  });
