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
 * well answers late; an API that is ready proves the quorum.
 */
export const withoutQuorum = (looks: readonly QuorumLook[]): readonly QuorumLook[] =>
  looks.filter(({ voters, healthy, vip }) => healthy.length <= voters.length / 2 && !vip);
