import { ENDPOINTS } from '../../../lab/proxmox/endpoints/endpoints';
import { BY_HAND_8, BY_HAND_9 } from './by-hand';
import { type DataCentre, dataCentre } from './data-centre';
import { recorded, recordedNames, type Recording } from './recordings';
import { send } from './replay';

const SCENARIOS = {
  talos: ['create', 'plan', 'describe', 'grow', 'destroy'],
  site: ['read'],
  pooled: ['create', 'change', 'destroy'],
  moved: ['create', 'migrate', 'destroy'],
  broken: ['download'],
} as const;

const UNKNOWN = 'property is not defined in schema and the schema does not allow additional properties';

/** Rows of the endpoint table by what was seen of them in this run. */
const seen = { byProvider: new Set<string>(), byHand: new Set<string>(), refused: new Set<string>() };

const rowOf = (centre: DataCentre): string => centre.proxmox.requests.at(-1)?.endpoint ?? '';

/** A call is refused with an unknown parameter and, where a login is needed, without one; then it is accepted. */
const check = async (centre: DataCentre, call: Recording, accepted: Set<string>): Promise<void> => {
  const { body } = await send(centre, call, { more: { wrong: '1' } });
  const row = rowOf(centre);
  const { message, errors } = body as { message: string; errors?: Record<string, string> };
  if (call.status === 200) {
    expect({ call: row, message, wrong: errors?.['wrong'] }).toEqual({
      call: row,
      message: 'Parameter verification failed.\n',
      wrong: UNKNOWN,
    });
    seen.refused.add(row);
  }
  if (call.path !== '/access/ticket') {
    expect(await send(centre, call, { headers: {} })).toEqual({ status: 401, reason: 'No ticket' });
  }
  const { status, reason } = await send(centre, call);
  expect({ call: row, status, reason }).toEqual({ call: row, status: call.status, reason: call.reason });
  if (status === 200) accepted.add(row);
  await centre.proxmox.idle();
};

describe('T-9 what the real provider asks for', () => {
  test.each(Object.entries(SCENARIOS))('%s is answered as it was', async (scenario, steps) => {
    const centre = await dataCentre();
    try {
      for (const { calls } of recorded(scenario, ...steps)) {
        for (const call of calls) await check(centre, call, seen.byProvider);
      }
      const { vms, disks, images } = centre.proxmox.snapshot();
      expect({ vms, disks, images }).toEqual({ vms: [], disks: [], images: [] });
    } finally {
      await centre.close();
    }
  });

  test('every recording is replayed', () => {
    expect(recordedNames()).toEqual(
      Object.entries(SCENARIOS)
        .flatMap(([scenario, steps]) => steps.map((step) => `${scenario}-${step}`))
        .sort(),
    );
  });
});

describe('what others may ask for', () => {
  test.each([
    ['9.2.6', BY_HAND_9],
    ['8.4.5', BY_HAND_8],
  ])('of %s is answered', async (version, calls) => {
    const centre = await dataCentre({ version });
    centre.hypervisor.agents.set(300, []);
    try {
      for (const call of calls) {
        const { body } = await send(centre, call, { more: { wrong: '1' } });
        expect((body as { errors?: unknown }).errors).toEqual({ wrong: UNKNOWN });
        seen.refused.add(rowOf(centre));
        const { status, reason } = await send(centre, call);
        expect(`${call.method} ${call.path}: ${status} ${reason}`).toBe(`${call.method} ${call.path}: 200 OK`);
        seen.byHand.add(rowOf(centre));
        await centre.proxmox.idle();
      }
    } finally {
      await centre.close();
    }
  });

  test('every row of the table was accepted and refused in this run', () => {
    const tested = (row: string): boolean =>
      seen.refused.has(row) && (seen.byProvider.has(row) || seen.byHand.has(row));
    expect(ENDPOINTS.map(({ method, path }) => `${method} ${path}`).filter((row) => !tested(row))).toEqual([]);
  });

  test('the rows that no recording of the provider covers', () => {
    const rows = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
    expect(rows.filter((row) => !seen.byProvider.has(row))).toEqual([
      'GET /access/ticket',
      'GET /access/permissions',
      'GET /cluster/status',
      'GET /nodes/{node}/status',
      'GET /nodes/{node}/network',
      'GET /nodes/{node}/storage/{storage}/status',
      'GET /nodes/{node}/qemu/{vmid}/pending',
      'POST /nodes/{node}/qemu/{vmid}/config',
      'POST /nodes/{node}/qemu/{vmid}/template',
      'GET /nodes/{node}/qemu/{vmid}/migrate',
      'POST /nodes/{node}/qemu/{vmid}/status/reboot',
      'POST /nodes/{node}/qemu/{vmid}/status/reset',
      'POST /nodes/{node}/qemu/{vmid}/agent/ping',
      'GET /nodes/{node}/qemu/{vmid}/agent/network-get-interfaces',
      'GET /nodes/{node}/tasks',
      'GET /pools/{poolid}',
      'PUT /pools/{poolid}',
      'DELETE /pools/{poolid}',
      'GET /cluster/ha/groups',
      'POST /cluster/ha/groups',
      'GET /cluster/ha/groups/{group}',
      'PUT /cluster/ha/groups/{group}',
      'DELETE /cluster/ha/groups/{group}',
      'GET /cluster/ha/resources',
      'POST /cluster/ha/resources/{sid}/migrate',
      'GET /cluster/ha/rules',
    ]);
  });
});
