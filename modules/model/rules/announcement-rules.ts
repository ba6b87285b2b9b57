import type { Rule } from './rule';

const incompleteBgp: Rule = {
  code: 'incomplete-bgp',
  severity: 'error',
  *find({ announcements: { by, localAsn, peers } }) {
    if (by !== 'cilium-bgp') return;
    const lacks = [
      ...(localAsn === undefined ? ['localAsn, the number of its own autonomous system'] : []),
      ...(peers.length === 0 ? ['peers, the routers that it talks to'] : []),
    ];
    if (lacks.length === 0) return;
    yield {
      path: 'announcements',
      message: `load-balancer addresses are announced by cilium-bgp, without ${lacks.join(', and without ')}`,
      fix: "add localAsn: 64512 and peers: [{ address: '<router>', asn: <its number> }], or announce by 'cilium-l2'",
    };
  },
};

const unusedBgp: Rule = {
  code: 'unused-bgp',
  severity: 'error',
  *find({ announcements: { by, localAsn, peers } }) {
    if (by === 'cilium-bgp' || (localAsn === undefined && peers.length === 0)) return;
    const field = peers.length > 0 ? 'peers' : 'localAsn';
    yield {
      path: `announcements.${field}`,
      message: `${field} is for BGP, and load-balancer addresses are announced by ${by}, which answers ARP`,
      fix: `announce by 'cilium-bgp', or leave ${field} out`,
    };
  },
};

const duplicatePeer: Rule = {
  code: 'duplicate-peer',
  severity: 'error',
  *find({ announcements: { peers } }) {
    for (const [position, peer] of peers.entries()) {
      const earlier = peers.findIndex(({ address }) => address.equals(peer.address));
      if (earlier === position) continue;
      yield {
        path: `announcements.peers[${position}].address`,
        message: `address ${peer.address.toString()} is that of peer ${earlier} and of peer ${position}`,
        fix: 'list each router once',
      };
    }
  },
};

export const ANNOUNCEMENT_RULES: readonly Rule[] = [incompleteBgp, unusedBgp, duplicatePeer];
