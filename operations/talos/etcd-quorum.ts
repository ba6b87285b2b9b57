import type { TalosClient } from './talos-client';

/** A control plane, by its host name and where its Talos API answers. */
export interface ControlPlane {
  readonly name: string;
  readonly address: string;
}

export interface Member {
  /** 64-bit number as text. */
  readonly id: string;
  /** Host name; of one that was added and has not started yet, that of the control plane at its address, if any. */
  readonly name: string;
  readonly isLearner: boolean;
}

/** etcd as its healthy members see it. */
export interface EtcdView {
  readonly members: readonly Member[];
  /** Names of voting members whose node says that they are healthy. */
  readonly healthy: readonly string[];
  /** What is wrong with the others, by name. */
  readonly faults: Readonly<Record<string, string>>;
  /** Where the Talos API of each that was asked is, by name. */
  readonly addresses: Readonly<Record<string, string>>;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Asks every control plane of `planes` itself.
 * @throws Error where no member is healthy
 */
export const lookAtEtcd = async (
  talos: Pick<TalosClient, 'services' | 'etcdMembers'>,
  planes: readonly ControlPlane[],
): Promise<EtcdView> => {
  const answers = await Promise.all(
    planes.map(async ({ name, address }) => {
      try {
        const [members, services] = await Promise.all([talos.etcdMembers(address), talos.services(address)]);
        const health = services.find(({ id }) => id === 'etcd')?.health;
        const fault =
          health?.healthy === true ? undefined : `etcd is not healthy: ${health?.last_message ?? 'unknown'}`;
        return { name, members, fault };
      } catch (error) {
        return { name, members: [], fault: wordsOf(error) };
      }
    }),
  );
  const faults = Object.fromEntries(answers.flatMap(({ name, fault }) => (fault === undefined ? [] : [[name, fault]])));
  const told = answers.find(({ fault, members }) => fault === undefined && members.length > 0)?.members;
  if (told === undefined) {
    const facts = Object.entries(faults).map(([name, fault]) => `${name}: ${fault}`);
    throw new Error(`no member of etcd is healthy: ${facts.join('; ') || 'there is no control plane to ask'}`);
  }
  const at = (urls: readonly string[]): string =>
    planes.find(({ address }) => urls.some((url) => new URL(url).hostname === address))?.name ?? '';
  const members = told.map(({ id, hostname, peer_urls, is_learner }) => ({
    ...{ id, isLearner: is_learner },
    name: hostname === '' ? at(peer_urls) : hostname,
  }));
  const voters = members.filter(({ isLearner }) => !isLearner).map(({ name }) => name);
  const isHealthy = (name: string): boolean => answers.some((one) => one.name === name && one.fault === undefined);
  const addresses = Object.fromEntries(planes.map(({ name, address }) => [name, address]));
  return { members, healthy: voters.filter(isHealthy), faults, addresses };
};

const votersOf = ({ members }: EtcdView): string[] =>
  members.filter(({ isLearner }) => !isLearner).map(({ name }) => name);

/** Members that must be healthy for etcd to take a write. */
export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

/** What is in the way of stopping one member for a while, or undefined. */
export const againstPause = (view: EtcdView, name: string): string | undefined => {
  const voters = votersOf(view);
  if (!voters.includes(name)) return undefined;
  const left = view.healthy.filter((healthy) => healthy !== name).length;
  if (left >= quorumOf(voters.length)) return undefined;
  return `etcd has ${voters.length} voting member${voters.length === 1 ? '' : 's'} and needs ${quorumOf(voters.length)} healthy: without ${name} it has ${left}`;
};

/** What is in the way of taking one member out for good, or undefined. */
export const againstLeave = (view: EtcdView, name: string): string | undefined => {
  const voters = votersOf(view);
  if (!view.members.some((member) => member.name === name)) return undefined;
  const others = voters.filter((voter) => voter !== name);
  if (others.length === 0) return `${name} is the only voting member of etcd: the cluster would end with it`;
  if (view.healthy.length < quorumOf(voters.length))
    return `etcd has ${view.healthy.length} of ${voters.length} voting members healthy, and takes no change with fewer than ${quorumOf(voters.length)}`;
  const left = view.healthy.filter((healthy) => healthy !== name).length;
  if (left >= quorumOf(others.length)) return undefined;
  return `${left} of the ${others.length} members that are left would be healthy, and ${quorumOf(others.length)} are needed`;
};
