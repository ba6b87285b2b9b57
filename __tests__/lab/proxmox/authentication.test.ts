import { type DataCentre, dataCentre, ROOT_TOKEN } from './data-centre';

const ask = async ({ proxmox }: DataCentre, headers: Record<string, string>, method = 'GET'): Promise<string> => {
  const { status, reason } = await proxmox.inject({ method, url: '/api2/json/version', headers, body: '' });
  return `${status} ${reason}`;
};

const login = async ({ proxmox }: DataCentre, form: Record<string, string>) =>
  proxmox.inject({
    method: 'POST',
    url: '/api2/json/access/ticket',
    headers: {},
    body: new URLSearchParams(form).toString(),
  });

describe('authentication', () => {
  let centre: DataCentre;
  afterEach(() => centre.close());

  test.each([
    ['9.2.6', 'PVEAPIToken=root@pam!lab=wrong', '401 Authentication failed!'],
    ['9.2.6', 'PVEAPIToken=root@pam!other=11111111-2222-3333-4444-555555555555', '401 Authentication failed!'],
    ['8.4.5', 'PVEAPIToken=root@pam!lab=wrong', '401 invalid token value!'],
    ['8.4.5', 'PVEAPIToken=root@pam!other=x', "401 no such token 'other' for user 'root@pam'"],
    ['8.4.5', 'PVEAPIToken=who@pam!other=x', "401 no such user ('who@pam')"],
    ['8.4.5', 'PVEAPIToken=nothing', '401 no tokenid specified'],
    ['9.2.6', 'Basic cm9vdA==', '401 No ticket'],
    ['9.2.6', `PVEAPIToken=${ROOT_TOKEN}`, '200 OK'],
  ])('%s answers %s with %s', async (version, authorization, answer) => {
    centre = await dataCentre({ version });
    expect(await ask(centre, { authorization })).toBe(answer);
  });

  test('a refused login does not say what was wrong', async () => {
    centre = await dataCentre();
    const refused = {
      status: 401,
      reason: 'authentication failure',
      body: { data: null, message: 'authentication failure\n' },
    };
    expect(await login(centre, { username: 'root@pam', password: 'wrong' })).toEqual(refused);
    expect(await login(centre, { username: 'nobody@pam', password: 'wrong' })).toEqual(refused);
  });

  test('a ticket is good for two hours, and for changes only with its CSRF token', async () => {
    const clock = { time: 1_700_000_000_000, now: () => clock.time, sleep: () => Promise.resolve() };
    centre = await dataCentre({ clock });
    const { body } = await login(centre, { username: 'root', realm: 'pam', password: 'correct horse' });
    const { data } = body as { data: { username: string; ticket: string; CSRFPreventionToken: string } };
    expect(data.username).toBe('root@pam');
    expect(data.ticket.split(':').slice(0, 2)).toEqual(['PVE', 'root@pam']);
    const cookie = `PVEAuthCookie=${encodeURIComponent(data.ticket)}`;
    expect(await ask(centre, { cookie })).toBe('200 OK');
    expect(await ask(centre, { cookie }, 'POST')).toBe('401 Permission denied - invalid csrf token');
    expect(await ask(centre, { cookie, csrfpreventiontoken: data.CSRFPreventionToken }, 'POST')).toBe(
      "501 Method 'POST /version' not implemented",
    );
    clock.time += 7201 * 1000;
    expect(await ask(centre, { cookie })).toBe('401 Authentication failed!');
  });

  test('a password is not recorded', async () => {
    centre = await dataCentre();
    await login(centre, { username: 'root@pam', password: 'correct horse' });
    expect(JSON.stringify(centre.proxmox.requests[0]?.parameters)).toBe(
      '{"username":"root@pam","password":"(sensitive)"}',
    );
  });
});
