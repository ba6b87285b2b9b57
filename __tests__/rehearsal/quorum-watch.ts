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

/** Looks at which fewer than a majority of the voting members were healthy: etcd takes no write then. */
export const withoutQuorum = (looks: readonly QuorumLook[]): readonly QuorumLook[] =>
  looks.filter(({ voters, healthy }) => healthy.length <= voters.length / 2);
