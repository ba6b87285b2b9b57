import { ProxmoxClient, proxmoxAccess } from '../../../operations/proxmox/proxmox-client';
import { dataCentre, ROOT_TOKEN, type DataCentre } from '../../lab/proxmox/data-centre';

describe('ProxmoxClient', () => {
  let centre: DataCentre;
  let client: ProxmoxClient;
  beforeAll(async () => {
    centre = await dataCentre();
    client = new ProxmoxClient({ endpoint: `${centre.proxmox.url}/`, token: ROOT_TOKEN, insecure: true });
  });
  afterAll(() => centre.close());

  test('gives the data of an answer', async () => {
    expect(await client.get('/version')).toMatchObject({ version: '9.2.6' });
  });

  test('waits for a task', async () => {
    const upid = await client.post<string>('/nodes/pve1/qemu', { vmid: 300, name: 'by-hand', agent: true });
    await client.finished(upid);
    expect(await client.get('/nodes/pve1/qemu/300/config')).toMatchObject({ name: 'by-hand', agent: '1' });
  });

  test("a refusal has Proxmox' words and the status", async () => {
    const stranger = new ProxmoxClient({ endpoint: centre.proxmox.url, token: 'a@pve!b=c', insecure: true });
    await expect(stranger.get('/version')).rejects.toMatchObject({
      name: 'ProxmoxError',
      status: 401,
      message: expect.stringMatching(/^GET \/version: HTTP 401 \S/) as string,
    });
  });

  test('a certificate that nobody signed is refused unless told otherwise', async () => {
    const strict = new ProxmoxClient({ endpoint: centre.proxmox.url, token: ROOT_TOKEN, insecure: false });
    await expect(strict.get('/version')).rejects.toThrow('self-signed certificate');
  });
});

describe('proxmoxAccess', () => {
  const spec = { endpoint: 'https://atlas:8006/', insecure: false };

  test('takes the variables of the Terraform provider before the spec', () => {
    expect(
      proxmoxAccess(spec, {
        PROXMOX_VE_API_TOKEN: 'a@pve!b=c',
        PROXMOX_VE_ENDPOINT: 'https://other:8006/',
        PROXMOX_VE_INSECURE: 'true',
      }),
    ).toEqual({ endpoint: 'https://other:8006/', insecure: true, token: 'a@pve!b=c' });
  });

  test.each([
    [{}, 'PROXMOX_VE_API_TOKEN is not set; give it as user@realm!name=secret'],
    [{ PROXMOX_VE_API_TOKEN: 'secret' }, 'PROXMOX_VE_API_TOKEN is no API token; give it as user@realm!name=secret'],
  ])('%j is refused, and the value is not said', (environment, text) => {
    expect(() => proxmoxAccess(spec, environment)).toThrow(new Error(text));
  });
});
