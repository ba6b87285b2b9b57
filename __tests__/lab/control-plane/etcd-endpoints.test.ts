import { createAuthority, issueCertificate } from '../../../lab/control-plane/certificate';
import { controlPlaneEndpoints } from '../../../lab/control-plane/etcd-endpoints';
import { readNodeConfig } from '../../../lab/control-plane/machine-config';

test('where the endpoint does not answer, etcd members are those that discovery has found', async () => {
  const ca = await createAuthority({ organization: 'kubernetes' }, 1);
  const admin = await issueCertificate(ca, { commonName: 'talos:admin', usages: ['client'], hours: 1 });
  const config = readNodeConfig({
    machine: { type: 'worker', network: { hostname: 'worker0' } },
    cluster: {
      controlPlane: { endpoint: 'https://127.0.0.1:1' },
      token: 'a.b',
      ca: { crt: Buffer.from(ca.cert).toString('base64') },
    },
  });
  let found: readonly string[] = [];
  const endpoints = controlPlaneEndpoints(config, admin, () => found);
  expect(await endpoints()).toEqual([]);
  found = ['10.0.1.2', '10.0.1.3'];
  expect(await endpoints()).toEqual(['10.0.1.2', '10.0.1.3']);
});
