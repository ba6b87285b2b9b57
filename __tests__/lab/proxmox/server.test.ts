import { connect } from 'node:tls';
import { PROFILES } from '../../../lab/durations/durations';
import { startProxmox } from '../../../lab/proxmox/server';
import { ask, selfSigned } from '../../setup/certificate';
import { type DataCentre, dataCentre, ROOT_TOKEN } from './data-centre';
import { fakeHypervisor } from './fake-hypervisor';

const HEADERS = { Authorization: `PVEAPIToken=${ROOT_TOKEN}` };

describe('the API over the wire', () => {
  let centre: DataCentre;
  beforeEach(async () => {
    centre = await dataCentre();
  });
  afterEach(() => centre.close());
  const portOf = (): number => Number(new URL(centre.proxmox.url).port);
  /** Status line, headers and body as they are sent. */
  const raw = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answer = '';
      const socket = connect({ host: '127.0.0.1', port: portOf(), ca: centre.certificate }, () => socket.write(text));
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  test('an error is the reason phrase, and closes the connection', async () => {
    const answer = await raw(
      `GET /api2/json/nodes/pve1/qemu/100/config HTTP/1.1\r\nHost: pve1\r\nAuthorization: ${HEADERS.Authorization}\r\n\r\n`,
    );
    expect(answer).toMatch(
      /^HTTP\/1\.1 500 Configuration file 'nodes\/pve1\/qemu-server\/100\.conf' does not exist\r\n/,
    );
    expect(answer).toMatch(/\r\nConnection: close\r\n/);
    expect(answer.split('\r\n\r\n')[1]).toBe(
      `{"data":null,"message":"Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist\\n"}`,
    );
  });

  test('a form is understood, and an answer is in its envelope', async () => {
    const { status, body } = await ask(portOf(), centre.certificate, {
      method: 'GET',
      path: '/api2/json/version',
      headers: HEADERS,
    });
    expect([status, JSON.parse(body.toString())]).toEqual([
      200,
      { data: { version: '9.2.6', release: '9.2', repoid: '0123456789abcdef' } },
    ]);
    const headers = { ...HEADERS, 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '20' };
    expect(
      await ask(
        portOf(),
        centre.certificate,
        { method: 'POST', path: '/api2/json/pools', headers },
        'poolid=a&comment=b+c',
      ),
    ).toMatchObject({ status: 200 });
    expect(centre.proxmox.save().pools['a']?.comment).toBe('b c');
  });

  test('TLS 1.2 is refused', async () => {
    await expect(
      ask(portOf(), centre.certificate, {
        path: '/api2/json/version',
        headers: HEADERS,
        maxVersion: 'TLSv1.2',
      } as never),
    ).rejects.toThrow(/protocol version|EPROTO|alert/);
  });

  test.each([
    ['PATCH /api2/json/version', "501 method 'PATCH' not available"],
    ['GET /api2/json/nodes/pve1/ceph', "501 Method 'GET /nodes/pve1/ceph' not implemented"],
    ['GET /api2/html/version', '501 no formatter for uri /api2/html/version, html'],
    ['GET /favicon.ico', "500 no such file '/favicon.ico'"],
    [
      'GET /api2/json/nodes/pve9/qemu',
      "500 hostname lookup 'pve9' failed - failed to get address info for: pve9: Name or service not known",
    ],
    ['GET /api2/json/cluster/ha/resources/', '200 OK'],
  ])('%s is answered with %s', async (line, expected) => {
    const answer = await raw(
      `${line} HTTP/1.1\r\nHost: pve1\r\nConnection: close\r\nAuthorization: ${HEADERS.Authorization}\r\n\r\n`,
    );
    expect(answer.split('\r\n')[0]).toBe(`HTTP/1.1 ${expected}`);
  });

  test('content is not expected where there is none', async () => {
    const answer = await raw(
      `DELETE /api2/json/pools?poolid=talos HTTP/1.1\r\nHost: pve1\r\nContent-Length: 1\r\nAuthorization: ${HEADERS.Authorization}\r\n\r\nx`,
    );
    expect(answer.split('\r\n')[0]).toBe("HTTP/1.1 501 Unexpected content for method 'DELETE'");
  });

  test('a parameter may not contradict the path', async () => {
    const { reason, body } = await centre.call('POST', '/nodes/pve1/storage/local/download-url', {
      node: 'pve2',
      url: 'https://x/y',
      content: 'import',
      filename: 'y.raw',
    });
    expect([reason, body]).toEqual([
      'Parameter verification failed.',
      {
        data: null,
        message: 'Parameter verification failed.\n',
        errors: { node: 'duplicate parameter (already defined in URI) with conflicting values!' },
      },
    ]);
  });

  test('a host that is off is not reached', async () => {
    centre.proxmox.setOnline('pve2', false);
    expect(await centre.call('GET', '/nodes/pve2/qemu')).toMatchObject({ status: 595, reason: 'No route to host' });
    expect(await centre.must('GET', '/nodes')).toMatchObject([
      { node: 'pve1', status: 'online' },
      { node: 'pve2', status: 'offline' },
    ]);
    centre.proxmox.setOnline('pve2', true);
    expect((await centre.call('GET', '/nodes/pve2/qemu')).status).toBe(200);
  });

  test('faults strike as often as they are set to', async () => {
    centre.proxmox.faults.add({
      name: 'api-error',
      match: { method: 'GET', path: '/version' },
      times: 2,
      status: 503,
      text: 'busy',
    });
    const answers = [
      await centre.call('GET', '/version'),
      await centre.call('GET', '/nodes'),
      await centre.call('GET', '/version'),
      await centre.call('GET', '/version'),
    ];
    expect(answers.map(({ status, reason }) => `${status} ${reason}`)).toEqual([
      '503 busy',
      '200 OK',
      '503 busy',
      '200 OK',
    ]);
    centre.proxmox.faults.add({ name: 'connection-reset', times: 1 });
    await expect(ask(portOf(), centre.certificate, { path: '/api2/json/version', headers: HEADERS })).rejects.toThrow(
      /hang up|ECONNRESET/,
    );
    centre.proxmox.faults.add({ name: 'task-fails', text: 'command lvcreate failed: exit code 5' });
    await centre.call('POST', '/nodes/pve1/qemu', { vmid: '300', scsi0: 'local-lvm:1' });
    await centre.proxmox.idle();
    expect(centre.proxmox.snapshot().tasks.at(-1)?.exitstatus).toBe('command lvcreate failed: exit code 5');
    centre.proxmox.faults.clear();
  });

  test('what was saved is there again after a restart', async () => {
    await centre.must('POST', '/nodes/pve1/qemu', { vmid: '300', scsi0: 'local-lvm:1', start: '1' });
    expect(() => centre.proxmox.load(centre.proxmox.save())).toThrow(
      'VM 300 is running: stop all VMs before a state is loaded',
    );
    await centre.must('POST', '/nodes/pve1/qemu/300/status/stop');
    const saved = centre.proxmox.save();
    await centre.must('DELETE', '/nodes/pve1/qemu/300');
    centre.proxmox.load(JSON.parse(JSON.stringify(saved)) as typeof saved);
    expect(centre.proxmox.snapshot()).toMatchObject({
      vms: [{ vmid: 300, status: 'stopped' }],
      disks: [{ volid: 'local-lvm:vm-300-disk-0' }],
    });
  });

  test('a host of its own address enters at that host, and the start takes no time', async () => {
    const certificate = await selfSigned();
    const options = {
      ...{
        listen: { host: '127.0.0.1', port: 0 },
        tls: certificate,
        storages: [],
        bridges: [],
        hypervisor: fakeHypervisor(),
      },
      hosts: [
        { name: 'pve1', address: '127.0.0.1' },
        { name: 'pve2', address: '127.0.0.2', listen: true },
      ],
      ...{
        tokens: [{ user: 'root@pam', tokenId: 't', secret: 's', privilegeSeparation: false }],
        durations: PROFILES.instant,
      },
    };
    const took: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const before = performance.now();
      const started = await startProxmox(options);
      took.push(performance.now() - before);
      await started.close();
    }
    expect(Math.min(...took)).toBeLessThan(50);
    const proxmox = await startProxmox(options);
    const { port } = new URL(proxmox.url);
    const headers = { Authorization: 'PVEAPIToken=root@pam!t=s' };
    const { body } = await ask(Number(port), certificate.cert, {
      host: '127.0.0.2',
      servername: 'localhost',
      path: '/api2/json/cluster/status',
      headers,
    });
    expect(
      (JSON.parse(body.toString()) as { data: { name: string; local?: number }[] }).data.find(
        ({ local }) => local === 1,
      )?.name,
    ).toBe('pve2');
    await proxmox.close();
  });

  test('fails without hosts', async () => {
    const options = {
      listen: { host: '127.0.0.1', port: 0 },
      tls: { key: '', cert: centre.certificate },
      hosts: [],
      storages: [],
      bridges: [],
      hypervisor: fakeHypervisor(),
    };
    await expect(startProxmox(options)).rejects.toThrow('a Proxmox cluster has at least one host: hosts is empty');
  });
});
