import { createServer, type Server } from 'node:http';
import { rmSync } from 'node:fs';
import type { AgentInterface } from '../hardware/hypervisor';
import type { IpInterface } from './network/machine-network';

/** The extension that brings the agent. */
export const AGENT_EXTENSION = 'siderolabs/qemu-guest-agent';

/** Interfaces as QEMU's guest agent lists them: the loopback first, MAC addresses in lower case. */
export const agentInterfaces = (interfaces: readonly IpInterface[]): readonly AgentInterface[] =>
  [...interfaces]
    .sort((a, b) => Number(b.link_type === 'loopback') - Number(a.link_type === 'loopback'))
    .map(({ ifname, address, addr_info }) => ({
      name: ifname,
      'hardware-address': (address ?? '00:00:00:00:00:00').toLowerCase(),
      'ip-addresses': addr_info.map(({ family, local, prefixlen }) => ({
        'ip-address': local,
        'ip-address-type': family === 'inet6' ? ('ipv6' as const) : ('ipv4' as const),
        prefix: prefixlen,
      })),
    }));

/** Answers `GET /network-get-interfaces` as JSON on a unix socket, which stands in for the virtio serial port. */
export class GuestAgent {
  private server: Server | undefined;
  constructor(
    private readonly socket: string,
    private readonly interfaces: () => Promise<readonly IpInterface[]>,
  ) {}

  /** No error where it runs. */
  async start(): Promise<void> {
    if (this.server !== undefined) return;
    rmSync(this.socket, { force: true });
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url !== '/network-get-interfaces') {
        response.writeHead(404).end();
        return;
      }
      this.interfaces().then(
        (list) =>
          response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(agentInterfaces(list))),
        (fault: unknown) => response.writeHead(500).end((fault as Error).message),
      );
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.socket, resolve));
  }
  stop(): void {
    this.server?.close();
    this.server?.closeAllConnections();
    this.server = undefined;
    rmSync(this.socket, { force: true });
  }
}
