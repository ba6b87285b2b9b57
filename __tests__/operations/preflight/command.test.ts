import { main } from '../../../operations/cli';
import { dataCentre, ROOT_TOKEN } from '../../lab/proxmox/data-centre';
import { inMemory } from '../surroundings';

describe('groundwork preflight', () => {
  test('without a token: exit status 1, as JSON too, and nothing is said to be good', async () => {
    const { surroundings, out, err } = inMemory();
    expect(await main(['preflight', 'infrastructure', '--json'], surroundings)).toBe(1);
    expect(JSON.parse(out())).toEqual({
      cluster: 'infrastructure',
      findings: [
        {
          check: 'api',
          outcome: 'FAIL',
          fact: 'PROXMOX_VE_API_TOKEN is not set; give it as user@realm!name=secret',
          fix: 'PROXMOX_VE_API_TOKEN must be a token that Proxmox knows: docs/BOOTSTRAP.md makes one',
        },
        ...[
          'version',
          'hosts',
          'image-factory',
          'image-storage',
          'disk-storage',
          'bridge',
          'vm-ids',
          'privileges',
          'memory',
          'clock',
        ].map((check) => ({ check, outcome: 'SKIP', fact: 'the API cannot be asked' })),
      ],
    });
    expect(err()).toBe('infrastructure: 0 passed, 1 failed, 10 could not be looked at\n');
  });

  test('nobody answers: where to look is said', async () => {
    const { surroundings, out } = inMemory({
      PROXMOX_VE_ENDPOINT: 'https://127.0.0.1:1/',
      PROXMOX_VE_API_TOKEN: ROOT_TOKEN,
    });
    expect(await main(['preflight'], surroundings)).toBe(1);
    expect(out().split('\n').slice(0, 2)).toEqual([
      'FAIL  api            GET https://127.0.0.1:1/api2/json/version: connect ECONNREFUSED 127.0.0.1:1',
      '                     fix: proxmox.endpoint, or PROXMOX_VE_ENDPOINT, must be where the API answers, NODE_EXTRA_CA_CERTS its CA',
    ]);
  });

  test('a Proxmox that is ready: exit status 0, and nothing was asked but to read', async () => {
    const centre = await dataCentre({ hosts: [{ name: 'atlas', address: '127.0.0.1' }] });
    try {
      const { surroundings, out, err } = inMemory({
        PROXMOX_VE_ENDPOINT: centre.proxmox.url,
        PROXMOX_VE_INSECURE: 'true',
        PROXMOX_VE_API_TOKEN: ROOT_TOKEN,
      });
      expect(await main(['preflight'], surroundings)).toBe(0);
      expect(out()).toContain('PASS  hosts          atlas is online\n');
      expect(out()).not.toContain('FAIL');
      expect(err()).toBe('infrastructure: 18 passed, 0 failed, 1 could not be looked at\n');
      expect(new Set(centre.proxmox.requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    } finally {
      await centre.close();
    }
  });
});
