import { EtcdClient } from './etcd-client';
import type { EtcdMember } from './node-services';

/** What a new member is told to start with. */
export interface JoinPlan {
  readonly learnerId: bigint;
  /** Value of `--initial-cluster`. */
  readonly initialCluster: string;
}

/** `<name>=<url>` of every member; one that has not started has no name yet, and `own` is the one that joins. */
export const initialCluster = (members: readonly EtcdMember[], own: { id: bigint; name: string }): string =>
  members
    .flatMap((member) => member.peerUrls.map((url) => `${member.id === own.id ? own.name : member.hostname}=${url}`))
    .join(',');

/**
 * Adds this node to the cluster that `client` belongs to, as a learner (Talos services/etcd.go, addMember). A
 * member of the same host name is an earlier life of this node and is removed first.
 * @throws Error where etcd has no quorum, or another learner is still catching up: try again
 */
export const joinCluster = async (client: EtcdClient, name: string, peerUrls: readonly string[]): Promise<JoinPlan> => {
  for (const member of await client.members()) {
    if (member.hostname === name) await client.remove(member.id);
  }
  const { id } = await client.addLearner(peerUrls);
  return { learnerId: id, initialCluster: initialCluster(await client.members(), { id, name }) };
};

/** Calls `attempt` with a client of each host in turn until one succeeds. @throws Error the last failure */
export const withAnyMember = async <T>(
  hosts: readonly string[],
  open: (host: string) => EtcdClient,
  attempt: (client: EtcdClient) => Promise<T>,
): Promise<T> => {
  let failure: unknown = new Error('no controlplane endpoints discovered yet');
  for (const host of hosts) {
    const client = open(host);
    try {
      return await attempt(client);
    } catch (error) {
      failure = error;
    } finally {
      client.close();
    }
  }
  throw failure;
};
