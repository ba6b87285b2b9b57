import type { HealthCheck } from '../../operations/health/health';
import { CLOCK_FILE } from '../../lab/machine/machine-clock';
import { PLACES } from '../../lab/world/places';
import { join } from 'node:path';
import type { LabSession } from '../rehearsal/lab-session';

/** One thing that breaks, and the one check that is to say so. */
export interface Fault {
  /** As docs/HEALTH.md has it. */
  readonly fault: string;
  readonly check: HealthCheck;
  readonly breakIt: (session: LabSession) => Promise<void>;
  readonly mendIt: (session: LabSession) => Promise<void>;
  /** Environment of the command. @default - as it is */
  readonly environment?: Readonly<Record<string, string>>;
}

const CLUSTER = 'infrastructure';
const CONTROL_PLANES = [1500, 1501, 1502];
const CONTROL_PLANE_1 = 1501;
const WORKER_0 = 2000;
const WORKER_1 = 2001;
const VIP = '10.0.3.1/32';
const EXPIRED = join(PLACES.temporary, 'expired.kubeconfig');
const DAEMON_SET = '/apis/apps/v1/namespaces/kube-system/daemonsets/kube-vip';

const inNode = async (session: LabSession, vmid: number, script: string): Promise<void> => {
  const { status, stderr } = await session.inNode(vmid, ['sh', '-c', script]);
  if (status !== 0) throw new Error(`VM ${vmid}: ${script}: ${stderr.trim()}`);
};

const power =
  (what: 'start' | 'stop') =>
  (session: LabSession): Promise<void> =>
    session.act(CLUSTER, 'proxmox', 'POST', `/nodes/atlas/qemu/${WORKER_1}/status/${what}`);

/** To every kube-vip: one that hangs renews no lease and takes none, and one that dies takes its address along. */
const signalKubeVip = async (session: LabSession, signal: string): Promise<void> => {
  for (const vmid of CONTROL_PLANES) await inNode(session, vmid, `kill -${signal} $(pidof kube-vip)`);
};
const takeVip = async (session: LabSession): Promise<void> => {
  await signalKubeVip(session, 'STOP');
  // Not there on the two that do not hold it
  for (const vmid of CONTROL_PLANES) await inNode(session, vmid, `ip address del ${VIP} dev eth0 2>/dev/null || true`);
};

/** Nothing leaves worker0 for the control planes; what asks it is answered. */
const blackHole = (what: 'add' | 'del') => (session: LabSession) =>
  inNode(session, WORKER_0, `ip route ${what} blackhole 10.0.1.0/24 && ip route ${what} blackhole ${VIP}`);

const leaseSeconds = (seconds: number) => (session: LabSession) => {
  const container = { name: 'kube-vip', env: [{ name: 'vip_leaseduration', value: String(seconds) }] };
  const body = JSON.stringify({ spec: { template: { spec: { containers: [container] } } } });
  return session.act(CLUSTER, 'kubernetes', 'PATCH', DAEMON_SET, body, 'application/strategic-merge-patch+json');
};

const setClock = (aheadMs: string) => async (session: LabSession) => {
  const file = join(PLACES.machines, String(WORKER_0), CLOCK_FILE);
  const { status, stderr } = await session.run(['sh', '-c', `echo ${aheadMs} > ${file}`]);
  if (status !== 0) throw new Error(stderr);
};

/** In the order in which they are tried, each in a cluster that is well. */
export const FAULTS: readonly Fault[] = [
  { fault: 'a VM is stopped', check: 'machines', breakIt: power('stop'), mendIt: power('start') },
  {
    fault: 'etcd hangs on a control plane',
    check: 'etcd',
    breakIt: (session) => inNode(session, CONTROL_PLANE_1, 'kill -STOP $(pidof etcd)'),
    mendIt: (session) => inNode(session, CONTROL_PLANE_1, 'kill -CONT $(pidof etcd)'),
  },
  {
    fault: 'kube-vip hangs everywhere, and nobody has the VIP',
    check: 'vip',
    breakIt: takeVip,
    mendIt: (session) => signalKubeVip(session, 'CONT'),
  },
  {
    fault: 'a node can not reach the control planes',
    check: 'nodes',
    breakIt: blackHole('add'),
    mendIt: blackHole('del'),
  },
  {
    fault: 'the network of a node is cut',
    check: 'talos-api',
    breakIt: (session) => inNode(session, WORKER_0, 'ip link set eth0 down'),
    mendIt: (session) =>
      inNode(session, WORKER_0, 'ip link set eth0 up && ip route replace default via 10.0.0.1 dev eth0'),
  },
  {
    fault: 'a Helm release has failed',
    check: 'cilium',
    breakIt: (session) => session.act(CLUSTER, 'fail-release', 'kube-system', 'cilium'),
    mendIt: (session) => session.act(CLUSTER, 'mend-release', 'kube-system', 'cilium'),
  },
  {
    fault: "kube-vip's objects are changed",
    check: 'kube-vip',
    breakIt: leaseSeconds(15),
    mendIt: leaseSeconds(5),
  },
  {
    fault: "the kubeconfig's certificate has expired",
    check: 'certificates',
    breakIt: (session) => session.act(CLUSTER, 'expired-kubeconfig', EXPIRED),
    mendIt: () => Promise.resolve(),
    environment: { KUBECONFIG: EXPIRED },
  },
  {
    fault: 'the clock of a node is a minute ahead',
    check: 'time',
    breakIt: setClock('60000'),
    mendIt: setClock('0'),
  },
  {
    fault: 'etcd is full, and takes no writes',
    check: 'etcd',
    breakIt: (session) => session.act(CLUSTER, 'etcd-alarm', 'ACTIVATE'),
    mendIt: (session) => session.act(CLUSTER, 'etcd-alarm', 'DEACTIVATE'),
  },
];
