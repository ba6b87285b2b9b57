import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { fail, type Finding, pass, skip } from './finding';
import { isOnline, look, mayAny, type HostEntry, type Look, type Reader } from './look';

/** Seconds. The certificates of a cluster begin when they are made, here; a VM starts with the time of its host. */
const ALLOWED = 60;

const checkClock = async (host: string, reader: Reader): Promise<Finding> => {
  const answer = await look<{ readonly time: number }>(reader, `/nodes/${host}/time`);
  if ('why' in answer) {
    const path = `/nodes/${host}`;
    return (await mayAny(reader, path, 'Sys.Audit'))
      ? skip('clock', answer.why)
      : skip(
          'clock',
          `the token may not see the time of ${host}`,
          `give the token Sys.Audit on ${path}, which a deploy does not need`,
        );
  }
  const ahead = Math.round(answer.data.time - Date.now() / 1000);
  if (Math.abs(ahead) <= ALLOWED) return pass('clock', `${host} and this machine differ by ${ALLOWED} s at most`);
  const fact = `${host} is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine`;
  return fail('clock', fact, 'let both follow a time server: chronyc tracking shows the state of it');
};

/** The hosts' clocks agree with that of the machine that makes the certificates. */
export const checkClocks = (
  { proxmox }: ClusterPlan,
  hosts: Look<readonly HostEntry[]>,
  reader: Reader,
): Promise<readonly Finding[]> =>
  Promise.all(
    proxmox.hosts.map((host) =>
      isOnline(host, hosts) ? checkClock(host, reader) : Promise.resolve(skip('clock', `${host} is not online`)),
    ),
  );
