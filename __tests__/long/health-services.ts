import type { LabSession } from '../rehearsal/lab-session';
import type { Fault } from './health-faults';

const CLUSTER = 'infrastructure';
const WORKER_1 = 2001;
const SERVICES = '/api/v1/namespaces/default/services';
const FLUX = [
  '/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system',
  '/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/flux-system',
] as const;
const [SOURCE, KUSTOMIZATION] = FLUX;

const call = (session: LabSession, method: string, path: string, body: object): Promise<void> => {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return session.act(CLUSTER, 'kubernetes', method, path, JSON.stringify(body), type);
};

/** What a controller of Flux notes of an object: none runs in the lab. */
const ready =
  (path: string, status: 'True' | 'False', reason: string, message: string) =>
  (session: LabSession): Promise<void> => {
    const lastTransitionTime = new Date().toISOString();
    const conditions = [{ type: 'Ready', status, reason, message, lastTransitionTime }];
    return call(session, 'PATCH', `${path}/status`, { status: { conditions } });
  };

/** A Service as MetalLB leaves it: with an address of its pool. */
const serve = async (session: LabSession, name: string, protocol: string, port: number, ip: string): Promise<void> => {
  await call(session, 'POST', SERVICES, {
    metadata: { name },
    spec: { type: 'LoadBalancer', ports: [{ port, protocol }] },
  });
  await call(session, 'PATCH', `${SERVICES}/${name}/status`, { status: { loadBalancer: { ingress: [{ ip }] } } });
};

/** What answers at the two addresses, on worker1: a gateway that takes connections, a name server that refuses every question. */
const PROGRAMS = {
  gateway: `require('net').createServer((socket) => socket.end()).listen(80, '10.0.3.2')`,
  names: `const server = require('dgram').createSocket('udp4');
    server.on('message', (question, from) => {
      question.writeUInt16BE(0x8005, 2);
      server.send(question, from.port, from.address);
    }).bind(53, '10.0.3.3')`,
} as const;

type Program = keyof typeof PROGRAMS;
const pidFile = (program: Program): string => `/tmp/health-${program}.pid`;

const onWorker = async (session: LabSession, script: string, ...args: readonly string[]): Promise<void> => {
  const { status, stderr } = await session.inNode(WORKER_1, ['sh', '-c', script, 'sh', ...args]);
  if (status !== 0) throw new Error(`${script}: ${stderr.trim()}`);
};
const run =
  (program: Program) =>
  (session: LabSession): Promise<void> =>
    onWorker(
      session,
      `"$1" -e "$2" > /dev/null 2>&1 & echo $! > ${pidFile(program)}`,
      process.execPath,
      PROGRAMS[program],
    );
const end =
  (program: Program) =>
  (session: LabSession): Promise<void> =>
    onWorker(session, `kill $(cat ${pidFile(program)})`);

const applied = ready(KUSTOMIZATION, 'True', 'ReconciliationSucceeded', 'Applied revision: main@sha1:1234567');
const fetched = ready(SOURCE, 'True', 'Succeeded', 'stored artifact for revision main@sha1:1234567');

/** As in a cluster whose platform is there: Flux has applied it, and its gateway and name server answer. */
export const bringServices = async (session: LabSession): Promise<void> => {
  await fetched(session);
  await applied(session);
  await serve(session, 'gateway', 'TCP', 80, '10.0.3.2');
  await serve(session, 'names', 'UDP', 53, '10.0.3.3');
  await onWorker(session, 'ip address add 10.0.3.2/32 dev eth0 && ip address add 10.0.3.3/32 dev eth0');
  await run('gateway')(session);
  await run('names')(session);
};

/** In the order in which they are tried, each in a cluster whose platform is there. */
export const SERVICE_FAULTS: readonly Fault[] = [
  {
    fault: 'Flux can not fetch its repository',
    check: 'flux-sync',
    breakIt: ready(SOURCE, 'False', 'GitOperationFailed', 'failed to checkout and determine revision: unable to clone'),
    mendIt: fetched,
  },
  {
    fault: 'what Flux applies is refused',
    check: 'flux-sync',
    breakIt: ready(KUSTOMIZATION, 'False', 'BuildFailed', 'kustomize build failed: kustomization.yaml not found'),
    mendIt: applied,
  },
  { fault: 'the gateway takes no connections', check: 'ingress', breakIt: end('gateway'), mendIt: run('gateway') },
  { fault: 'the name server is silent', check: 'dns', breakIt: end('names'), mendIt: run('names') },
];
