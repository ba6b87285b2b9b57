import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createNodeServices } from '../../../../lab/control-plane/create-node-services';
import { NodeServiceError, type NodeServices } from '../../../../lab/control-plane/node-services';

/** One node of the testbed: `node-main.ts <folder> <name> <address>`, first process of its PID namespace. */
const [folder = '', name = '', address = ''] = process.argv.slice(2);
const home = join(folder, name);

const services = createNodeServices({
  config: JSON.parse(readFileSync(join(home, 'config.json'), 'utf8')) as Record<string, unknown>,
  address,
  statePath: join(home, 'STATE'),
  ephemeralPath: join(home, 'EPHEMERAL'),
  logPath: join(home, 'log'),
  binaries: JSON.parse(readFileSync(join(folder, 'binaries.json'), 'utf8')) as Record<string, string>,
  talosVersion: 'v1.13.9',
  discovered: () => JSON.parse(readFileSync(join(folder, 'discovered.json'), 'utf8')) as string[],
  log: (line) => void process.stdout.write(`${new Date().toISOString()} ${line}\n`),
});

interface Body {
  readonly id?: string;
  readonly recover?: boolean;
  readonly config?: Record<string, unknown>;
}
type Call = (services: NodeServices, body: Body) => unknown;

const CALLS: Readonly<Record<string, Call>> = {
  '/bootstrap': (node, { recover }) => node.bootstrap({ recoverEtcd: recover === true, recoverSkipHashCheck: false }),
  '/services': (node) => node.services(),
  '/kubeconfig': (node) => node.kubeconfig(),
  '/members': (node) => node.etcdMembers({ queryLocal: false }),
  '/leave': (node) => node.etcdLeave(),
  '/forfeit': (node) => node.etcdForfeitLeadership(),
  '/remove': (node, { id }) => node.etcdRemoveMember(BigInt(id ?? '0')),
  '/reconfigure': (node, { config }) => node.reconfigure?.(config ?? {}),
  '/static-pods': (node) => node.staticPods(),
};

const answer = (value: unknown): string =>
  JSON.stringify({ value: value ?? null }, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));

const server = createServer((request, response) => {
  void (async () => {
    try {
      if (request.url === '/snapshot') {
        (await services.etcdSnapshot()).pipe(response);
        return;
      }
      let text = '';
      for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
      const call = CALLS[request.url ?? ''];
      if (call === undefined) throw new Error(`no call ${request.url ?? ''}`);
      response.end(answer(await call(services, JSON.parse(text === '' ? '{}' : text) as Body)));
    } catch (error) {
      const code = error instanceof NodeServiceError ? error.code : 'ERROR';
      response.statusCode = 500;
      response.end(JSON.stringify({ code, message: error instanceof Error ? error.message : String(error) }));
    }
  })();
});

rmSync(join(home, 'socket'), { force: true });
server.listen(join(home, 'socket'));
process.on('SIGTERM', () => {
  void services.stop().then(() => process.exit(0));
});
void services.start();
