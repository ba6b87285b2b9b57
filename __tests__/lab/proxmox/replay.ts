import type { WireResponse } from '../../../lab/proxmox/requests';
import { type DataCentre, DEPLOY_TOKEN, ROOT_TOKEN } from './data-centre';
import { fillIn, type Recording } from './recordings';

const PASSWORD = 'correct horse';

/** How a recorded call is to be changed before it is sent. */
export interface Change {
  /** Parameters that are added. */
  readonly more?: Readonly<Record<string, string>>;
  /** Sent with these headers instead of the caller's own. */
  readonly headers?: Readonly<Record<string, string>>;
}

const credentials = async ({ proxmox }: DataCentre, user: string | null): Promise<Record<string, string>> => {
  if (user === null) return {};
  const token = [ROOT_TOKEN, DEPLOY_TOKEN].find((candidate) => candidate.startsWith(`${user}=`));
  if (token !== undefined) return { authorization: `PVEAPIToken=${token}` };
  const body = new URLSearchParams({ username: user, password: PASSWORD }).toString();
  const answer = await proxmox.inject({ method: 'POST', url: '/api2/json/access/ticket', headers: {}, body });
  const { ticket, CSRFPreventionToken: csrf } = (
    answer.body as { data: { ticket: string; CSRFPreventionToken: string } }
  ).data;
  return { cookie: `PVEAuthCookie=${encodeURIComponent(ticket)}`, csrfpreventiontoken: csrf };
};

/** Sends a recorded call as the real provider did: its task's UPID is that of this run. */
export const send = async (centre: DataCentre, call: Recording, change: Change = {}): Promise<WireResponse> => {
  const { proxmox } = centre;
  const upids = call.path.includes('<upid ') ? proxmox.save().tasks.map(({ upid }) => upid) : [];
  const path = fillIn(call.path, upids).split('/').map(encodeURIComponent).join('/');
  const parameters = { ...call.parameters, ...change.more };
  if (parameters['password'] === '(sensitive)') parameters['password'] = PASSWORD;
  const text = new URLSearchParams(parameters).toString();
  const inQuery = call.method === 'GET' || call.method === 'DELETE';
  const response = await proxmox.inject({
    method: call.method,
    url: `/api2/json${path}${inQuery && text !== '' ? `?${text}` : ''}`,
    headers: change.headers ?? (await credentials(centre, call.user)),
    body: inQuery ? '' : text,
  });
  return response;
};
