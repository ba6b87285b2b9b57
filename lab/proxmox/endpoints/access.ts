import { type Call, type Endpoint, given } from '../cluster';

const SOURCE = 'pve-access-control src/PVE/API2/AccessControl.pm';

const createTicket = (call: Call): unknown => {
  const { parameters, cluster } = call;
  const realm = parameters['realm'];
  const username = realm === undefined ? given(call, 'username') : `${given(call, 'username')}@${realm}`;
  return { ...cluster.authentication.login(username, given(call, 'password')), cap: {} };
};

const permissions = (call: Call): unknown => {
  const { cluster, user, parameters } = call;
  const asked = parameters['userid'] ?? user;
  if (asked !== user && asked.split('!')[0] !== user) cluster.access.check(user, '/access', 'Sys.Audit');
  const { path } = parameters;
  if (path === undefined) return cluster.access.effective(asked);
  return {
    [path]: Object.fromEntries(
      [...cluster.access.permissions(asked, path)].map(([name, below]) => [name, below ? 1 : 0]),
    ),
  };
};

export const ACCESS: readonly Endpoint[] = [
  { method: 'GET', path: '/access/ticket', effect: () => null, source: `${SOURCE}, get_ticket` },
  { method: 'POST', path: '/access/ticket', effect: createTicket, source: `${SOURCE}, create_ticket` },
  { method: 'GET', path: '/access/permissions', effect: permissions, source: `${SOURCE}, permissions` },
];
