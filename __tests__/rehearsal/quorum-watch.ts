/** One look at etcd and at the API's address, from inside the lab. */
export interface QuorumLook {
  /** ISO 8601. */
  readonly at: string;
  /** Voting members, as a healthy one lists them; empty where none is healthy. */
  readonly voters: readonly string[];
  /** Those of them that are healthy. */
  readonly healthy: readonly string[];
  /** The API answers at the VIP. */
  readonly vip: boolean;
}

/**
 * Looks at which etcd took no write: fewer than a majority of the voting members said that they were healthy, and the API
 * at the VIP was not ready either, which asks etcd for a read that needs the quorum. On a busy computer a member that is
 * well answers late; an API that is ready proves the quorum. Where the leader's VM is switched off, the others elect within
 * seconds, and the VIP moves: one such look between two good ones is that, and no loss of the quorum, which would last.
 */
export const withoutQuorum = (looks: readonly QuorumLook[]): readonly QuorumLook[] => {
  const isLost = ({ voters, healthy, vip }: QuorumLook): boolean => healthy.length <= voters.length / 2 && !vip;
  const lost = looks.map(isLost);
  return looks.filter((_, at) => lost[at] && (lost[at - 1] === true || lost[at + 1] !== false));
};
