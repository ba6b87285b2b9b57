import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { createAuthority } from '../../../lab/world/authority';

describe('authority of the lab', () => {
  test('signs for names and addresses, and clients that trust it connect', async () => {
    const authority = await createAuthority(new Date());
    const certificate = await authority.issue(['pve.home.arpa', '127.0.0.1']);
    const server = createServer(certificate, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (host: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const sent = request({
          host: '127.0.0.1',
          port,
          ca: authority.certificate,
          servername: host,
          agent: false,
          checkServerIdentity: (_, peer) => checkServerIdentity(host, peer),
        });
        sent.on('response', (response) => resolve(String(response.statusCode)));
        sent.on('error', reject).end();
      });
    await expect(ask('pve.home.arpa')).resolves.toBe('200');
    await expect(ask('other.home.arpa')).rejects.toThrow("Hostname/IP does not match certificate's altnames");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(new X509Certificate(certificate.cert).subjectAltName).toBe('DNS:pve.home.arpa, IP Address:127.0.0.1');
  });

  test('lets in a client whose clock is a day behind, and lasts for a lab that is kept', async () => {
    const { certificate } = await createAuthority(new Date('2026-11-21T00:00:00Z'));
    const { validFrom, validTo, ca } = new X509Certificate(certificate);
    expect([new Date(validFrom).toISOString(), new Date(validTo).toISOString(), ca]).toEqual([
      '2026-11-20T00:00:00.000Z',
      '2026-12-21T00:00:00.000Z',
      true,
    ]);
  });
});
