import type { ClusterPlan } from '../../modules/model/cluster-plan';
import { CHECKS, fail, type Finding, pass, skip } from './finding';
import { checkClocks } from './clock';
import { checkFactories } from './factory';
import { checkEquipment, checkHosts } from './hosts';
import { look, type GuestEntry, type HostEntry, type Reader } from './look';
import { checkMemory, checkVmIds } from './machines';
import { checkPrivileges } from './privileges';

/** The first release whose storages have content type `import` for downloaded disk images. */
const OLDEST = { major: 8, minor: 4 } as const;

/** What there is to say where the API cannot be asked: nothing but that. */
export const unreachable = (why: string, fix: string): Finding[] => [
  fail('api', why, fix),
  ...CHECKS.filter((check) => check !== 'api').map((check) => skip(check, 'the API cannot be asked')),
];

const API_FIX = 'proxmox.endpoint, or PROXMOX_VE_ENDPOINT, must be where the API answers, NODE_EXTRA_CA_CERTS its CA';

/** What a call with a token that Proxmox does not know, or without one, asks for. */
export const TOKEN_FIX = 'PROXMOX_VE_API_TOKEN must be a token that Proxmox knows: docs/BOOTSTRAP.md makes one';

const checkVersion = (version: string, major: number, minor: number): Finding => {
  const isNew = major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
  return isNew
    ? pass('version', `Proxmox VE is ${version}`)
    : fail('version', `Proxmox VE is ${version}`, 'upgrade it to 8.4 or newer');
};

/** Looks at a Proxmox before a deploy, changing nothing: all findings at once, in the order of the checks. */
export const preflight = async (plan: ClusterPlan, reader: Reader): Promise<readonly Finding[]> => {
  const answer = await look<{ readonly version: string }>(reader, '/version');
  if ('why' in answer) return unreachable(answer.why, answer.why.includes('HTTP 401') ? TOKEN_FIX : API_FIX);
  const { version } = answer.data;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [hosts, guests] = await Promise.all([
    look<readonly HostEntry[]>(reader, '/nodes'),
    look<readonly GuestEntry[]>(reader, '/cluster/resources', { type: 'vm' }),
  ]);
  const found = [
    pass('api', 'the API answers to the token'),
    checkVersion(version, major, minor),
    ...checkHosts(plan, hosts),
    ...(await checkFactories(plan, hosts, reader)),
    ...(await checkEquipment(plan, hosts, reader)),
    ...(await checkVmIds(plan, guests, reader)),
    ...(await checkPrivileges(plan, major < 9 ? 8 : 9, reader)),
    ...checkMemory(plan, hosts, guests),
    ...(await checkClocks(plan, hosts, reader)),
  ];
  return CHECKS.flatMap((check) => found.filter((finding) => finding.check === check));
};
