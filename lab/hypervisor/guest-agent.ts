import { request } from 'node:http';
import type { AgentInterface } from '../hardware/hypervisor';

/** Proxmox waits 3 s for a guest agent's answer. Source: qemu-server src/PVE/QMPClient.pm. */
const TIMEOUT_MS = 3_000;

/** Asks the agent in a guest, over the unix socket that stands in for the virtio port. @throws Error where nobody answers */
export const askAgent = (socketPath: string): Promise<readonly AgentInterface[]> =>
  new Promise((resolve, reject) => {
    const refuse = (): void => {
      reject(new Error('QEMU guest agent is not running'));
    };
    const asked = request({ socketPath, path: '/network-get-interfaces', timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', refuse);
      response.on('end', () => {
        if (response.statusCode !== 200) {
          refuse();
          return;
        }
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as AgentInterface[]);
        } catch {
          refuse();
        }
      });
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', refuse);
    asked.end();
  });
