import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { fail, type Finding, pass, skip } from './finding';
import { isOnline, look, type HostEntry, type Look, type Reader } from './look';

/**
 * What a host was answered, in Proxmox' words: pve-manager PVE/API2/Nodes.pm, query_url_metadata, which asks by HEAD. Where nobody
 * answers, LWP::UserAgent makes up a status of 500 with a reason of its own.
 */
const ANSWER = /invalid server response: '(\d{3}) (.*)'/s;

const checkFactory = async (host: string, { images }: ClusterPlan, reader: Reader): Promise<Finding> => {
  const { factory, insecure } = images;
  const answer = await look<unknown>(reader, `/nodes/${host}/query-url-metadata`, {
    url: `${factory}/versions`,
    'verify-certificates': insecure ? 0 : 1,
  });
  const good = pass('image-factory', `${host} reaches ${factory}`);
  if ('data' in answer) return good;
  if (answer.why.includes('HTTP 403')) {
    return skip('image-factory', `the token may not make ${host} ask ${factory}`, `see privileges on /nodes/${host}`);
  }
  const [, code = '', reason = ''] = ANSWER.exec(answer.why) ?? [];
  if (code === '') return skip('image-factory', answer.why);
  // Any other refusal is of one who answers: that a factory takes HEAD is said of images alone.
  if (!code.startsWith('5')) return good;
  return fail(
    'image-factory',
    `${host} gets no answer from ${factory}: ${code} ${reason}`,
    'Proxmox downloads disk images itself: images.factory or airGap.factory must be a URL that it reaches, with a certificate that it knows unless images.insecure is true',
  );
};

/** Each host reaches the Image Factory: asked of the hosts, since they download, and this machine may be elsewhere. */
export const checkFactories = (
  plan: ClusterPlan,
  hosts: Look<readonly HostEntry[]>,
  reader: Reader,
): Promise<readonly Finding[]> =>
  Promise.all(
    plan.proxmox.hosts.map((host) =>
      isOnline(host, hosts)
        ? checkFactory(host, plan, reader)
        : Promise.resolve(skip('image-factory', `${host} is not online`)),
    ),
  );
