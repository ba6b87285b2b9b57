import type { NodePlan } from '../../modules/model/cluster-plan';
import { hasTag } from '../proxmox/tags';
import type { Cause, Looks } from './looks';
import { isByCertificate, isHealthyEtcd } from './looks';
import { look, type Look } from './readers';
import { fail, pass, skip, together, type Part, type Verdict } from './verdict';

/** `data`, or that it is not there and why: by another check where one knows. */
export const partOf = async <Data>(
  looks: Looks,
  node: NodePlan,
  upTo: Cause,
  found: Look<Data>,
  judge: (data: Data) => Part,
  fix: string,
): Promise<Part> => {
  if ('data' in found) return judge(found.data);
  const cause = await looks.cause(node, upTo);
  if (cause !== undefined) return { unseen: cause };
  if (isByCertificate(found.why)) return { unseen: `${node.name}: ${found.why}` };
  return { bad: `${node.name}: ${found.why}`, fix };
};

export const proxmoxApi = async ({ plan, readers }: Looks): Promise<Verdict> => {
  const fix = `${plan.proxmox.endpoint} must answer to PROXMOX_VE_API_TOKEN: npx groundwork preflight ${plan.name}`;
  const { proxmox } = readers;
  if ('why' in proxmox) return fail(proxmox.why, fix);
  const answer = await look(() => proxmox.data.get<{ readonly version: string }>('/version'));
  return 'why' in answer ? fail(answer.why, fix) : pass(`Proxmox VE ${answer.data.version} answers`);
};

export const machines = async (looks: Looks): Promise<Verdict> => {
  const { plan, readers } = looks;
  const guests = await looks.guests();
  if ('why' in readers.proxmox) return skip('Proxmox can not be asked (proxmox-api)');
  if ('why' in guests) return skip(`${guests.why} (proxmox-api)`);
  const parts = plan.nodes.map((node): Part => {
    const { name, vmId, host } = node;
    const guest = guests.data.find(({ vmid }) => vmid === vmId);
    const who = `VM ${vmId} of ${name}`;
    if (guest === undefined) {
      return { bad: `${who} is not there, or the token may not see it`, fix: `npx cdktf deploy ${plan.stack}` };
    }
    if (!hasTag(guest, plan.proxmox.tag)) {
      return {
        bad: `${who} lacks tag ${plan.proxmox.tag}: it is not this cluster's`,
        fix: `look at it: qm config ${vmId}`,
      };
    }
    if (guest.status !== 'running')
      return { bad: `${who} is ${guest.status}`, fix: `on ${guest.node}: qm start ${vmId}` };
    if (guest.node !== host && !node.highAvailability) {
      const fix = `on ${guest.node}: qm migrate ${vmId} ${host} --online; or record it: npx groundwork placement move ${name} ${guest.node}`;
      return { bad: `${who} is on ${guest.node}, planned on ${host}`, fix };
    }
    return { good: name };
  });
  return together(parts, (good) => `${good.length} of ${plan.nodes.length} VMs run on their hosts`);
};

const versionsOf = (good: readonly string[]): string => [...new Set(good)].sort().join(' and ');

export const talosApi = async (looks: Looks): Promise<Verdict> => {
  const { plan, readers } = looks;
  const access = looks.usable(readers.talos);
  if ('why' in access) {
    return isByCertificate(access.why) ? skip(access.why) : fail(access.why, `npx groundwork credentials ${plan.name}`);
  }
  const parts = await Promise.all(
    plan.nodes.map(async (node) =>
      partOf(
        looks,
        node,
        'machines',
        await looks.node(node),
        ({ version, status }): Part =>
          status.stage === 'RUNNING'
            ? { good: version }
            : {
                bad: `${node.name} is in stage ${status.stage}`,
                fix:
                  status.stage === 'MAINTENANCE'
                    ? `it has no config: npx cdktf deploy ${plan.stack}`
                    : `wait, or look: talosctl -n ${node.address.toString()} dmesg`,
              },
        `look at the console of VM ${node.vmId} in Proxmox`,
      ),
    ),
  );
  return together(parts, (good) => `${good.length} of ${plan.nodes.length} nodes run Talos ${versionsOf(good)}`);
};

/** Of a control plane's etcd speaks the check on etcd. */
export const talosServices = async (looks: Looks): Promise<Verdict> => {
  const { plan } = looks;
  const parts = await Promise.all(
    plan.nodes.map(async (node): Promise<Part> => {
      const [found, cause] = await Promise.all([looks.node(node), looks.cause(node, 'talos-api')]);
      if (cause !== undefined) return { unseen: cause };
      if ('why' in found) return { unseen: `${found.why} (talos-api)` };
      const sick = found.data.services
        .filter(({ id }) => id !== 'etcd')
        .filter(({ state, health }) =>
          state === 'Running' ? health?.unknown === false && !health.healthy : !['Finished', 'Skipped'].includes(state),
        );
      if (sick.length === 0) return { good: node.name };
      const words = sick.map(
        ({ id, state, health }) => `${id} is ${state}${health?.last_message ? `, ${health.last_message}` : ''}`,
      );
      const [first] = sick;
      return {
        bad: `${node.name}: ${words.join('; ')}`,
        fix: `talosctl -n ${node.address.toString()} service ${first?.id ?? ''}`,
      };
    }),
  );
  return together(parts, (good) => `services of ${good.length} of ${plan.nodes.length} nodes are healthy`);
};

/** Milliseconds. etcd and certificates bear more; a node that follows its server is within a few. */
const ALLOWED_MS = 2_000;

export const time = async (looks: Looks): Promise<Verdict> => {
  const { plan, readers } = looks;
  const access = looks.usable(readers.talos);
  if ('why' in access) return skip(`${access.why}${isByCertificate(access.why) ? '' : ' (talos-api)'}`);
  const parts = await Promise.all(
    plan.nodes.map(async (node): Promise<Part> => {
      const at = node.address.toString();
      const cause = await looks.cause(node, 'talos-api');
      if (cause !== undefined) return { unseen: cause };
      const found = await look(() => access.data.client.time(at));
      const fix = `can ${node.name} reach its time servers? talosctl -n ${at} time`;
      if ('why' in found) return { bad: `${node.name}: ${found.why}`, fix };
      const { server, aheadMs } = found.data;
      if (Math.abs(aheadMs) <= ALLOWED_MS) return { good: node.name };
      const off = `${Math.abs(aheadMs) / 1000} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ${server}`;
      return { bad: `${node.name} is ${off}`, fix };
    }),
  );
  return together(
    parts,
    (good) => `${good.length} of ${plan.nodes.length} nodes are within ${ALLOWED_MS / 1000} s of their time server`,
  );
};

export const etcd = async (looks: Looks): Promise<Verdict> => {
  const planes = looks.controlPlanes;
  const access = looks.usable(looks.readers.talos);
  if ('why' in access) return skip(`${access.why}${isByCertificate(access.why) ? '' : ' (talos-api)'}`);
  const planned = planes.map(({ name }) => name);
  const parts = await Promise.all(
    planes.map(async (node): Promise<Part> => {
      const at = node.address.toString();
      const cause = await looks.cause(node, 'talos-api');
      if (cause !== undefined) return { unseen: cause };
      const own = await looks.node(node);
      if ('data' in own && !isHealthyEtcd(own.data)) {
        const service = own.data.services.find(({ id }) => id === 'etcd');
        const said =
          service === undefined
            ? 'is not there'
            : `is ${service.state}${service.health?.last_message ? `, ${service.health.last_message}` : ''}`;
        return {
          bad: `${node.name}: etcd ${said}`,
          fix: `talosctl -n ${at} service etcd; talosctl -n ${at} logs etcd`,
        };
      }
      const found = await looks.etcd(node);
      if ('why' in found) return { bad: `${node.name}: ${found.why}`, fix: `talosctl -n ${at} etcd status` };
      const { members, alarms } = found.data;
      const nameOf = (id: string): string => members.find((member) => member.id === id)?.hostname ?? id;
      const faults = [
        ...planned
          .filter((name) => members.every(({ hostname }) => hostname !== name))
          .map((name) => `${name} is no member`),
        ...members
          .filter(({ hostname }) => !planned.includes(hostname))
          .map(({ hostname, id }) => `member ${hostname || id} is not planned`),
        ...members.filter((member) => member.is_learner).map(({ hostname }) => `${hostname} is a learner`),
        ...alarms.map(({ alarm, member_id }) => `alarm ${alarm} at ${nameOf(member_id)}`),
      ];
      if (faults.length === 0) return { good: node.name };
      const fix =
        alarms.length > 0
          ? `talosctl -n ${at} etcd defrag, then talosctl -n ${at} etcd alarm disarm`
          : `talosctl -n ${at} etcd members`;
      return { bad: faults.join('; '), fix };
    }),
  );
  // Of a node that does not answer nothing is known; of one that is off that its member is, too.
  const lost = parts.filter((part) => 'bad' in part || ('unseen' in part && part.unseen.endsWith('(machines)'))).length;
  const verdict = together(
    parts,
    (names) => `${names.length} of ${planes.length} members healthy: ${names.join(', ')}`,
  );
  if (lost < planes.length / 2) return verdict;
  return fail(
    `no quorum: ${lost} of ${planes.length} members lost; ${verdict.fact}`,
    verdict.fix ?? 'start the control planes that are off',
  );
};
