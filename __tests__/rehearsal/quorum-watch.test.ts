import { withoutQuorum, type QuorumLook } from './quorum-watch';

const VOTERS = ['controlplane0', 'controlplane1', 'controlplane2'];
const look = (second: number, healthy: number, vip: boolean): QuorumLook => ({
  ...{ at: `2026-11-21T12:00:0${second}Z`, voters: VOTERS, healthy: VOTERS.slice(0, healthy), vip },
});
const lost = (...looks: readonly QuorumLook[]): readonly string[] => withoutQuorum(looks).map(({ at }) => at.slice(-3));

describe('looks at which etcd took no write', () => {
  test('are those where a majority is silent and the API too', () => {
    expect(lost(look(0, 3, true), look(1, 2, false), look(2, 1, true), look(3, 3, true))).toEqual([]);
    expect(lost(look(0, 3, true), look(1, 1, false), look(2, 1, false), look(3, 3, true))).toEqual(['01Z', '02Z']);
  });

  test('an election is over by the next look; where there is none, it counts', () => {
    expect(lost(look(0, 3, true), look(1, 0, false), look(2, 2, true))).toEqual([]);
    expect(lost(look(0, 3, true), look(1, 0, false))).toEqual(['01Z']);
  });

  test('no member that answers is no quorum', () => {
    expect(lost({ at: '12:00:00Z', voters: [], healthy: [], vip: false })).toEqual(['00Z']);
  });
});
