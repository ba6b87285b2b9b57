import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { restore, type RestoreTools } from '../../../operations/etcd/restore';
import { TalosError, type TalosService } from '../../../operations/talos/talos-client';
import { planWith } from '../fake-cluster';

const WHOLE = gunzipSync(readFileSync(join(__dirname, 'revision-301.snapshot.gz')));
const OPTIONS = { dryRun: false, force: false, limitMs: 100, pollMs: 1 };

/** Three control planes, by what etcd does on each; `lost` ones do not answer. */
class ThreePlanes {
  readonly log: string[] = [];
  readonly said: string[] = [];
  private boots = 1;
  constructor(readonly states: Record<string, 'Preparing' | 'Running' | 'unhealthy' | 'lost'>) {}

  private nameOf(address: string): string {
    return `controlplane${Number(address.split('.').at(-1)) - 1}`;
  }
  private at(address: string): 'Preparing' | 'Running' | 'unhealthy' {
    const state = this.states[this.nameOf(address)];
    if (state === undefined || state === 'lost') throw new TalosError(`nobody answers at ${address}`, 'UNAVAILABLE');
    return state;
  }

  readonly tools: RestoreTools = {
    plan: planWith(),
    stackFolder: 'out/stacks/infrastructure',
    say: (line) => void this.said.push(line),
    kubernetes: { text: () => Promise.resolve('ok') },
    talos: {
      services: async (address) => {
        await Promise.resolve();
        const state = this.at(address);
        const health = { unknown: state === 'Preparing', healthy: state === 'Running', last_message: 'no leader' };
        return [{ id: 'etcd', state: state === 'unhealthy' ? 'Running' : state, health }] satisfies TalosService[];
      },
      etcdMembers: (address) => {
        this.at(address);
        return Promise.resolve(
          Object.keys(this.states).map((hostname) => ({
            ...{ id: hostname, hostname, peer_urls: [], client_urls: [], is_learner: false },
          })),
        );
      },
      bootId: () => Promise.resolve(String(this.boots)),
      wipeData: (address) => {
        this.log.push(`wipe ${this.nameOf(address)}`);
        this.states[this.nameOf(address)] = 'Preparing';
        this.boots += 1;
        return Promise.resolve();
      },
      etcdRecover: async (address, snapshot) => {
        this.log.push(`${(await buffer(snapshot)).length} bytes to ${this.nameOf(address)}`);
      },
      bootstrapFromSnapshot: (address) => {
        this.log.push(`bootstrap ${this.nameOf(address)}`);
        for (const name of Object.keys(this.states)) this.states[name] = 'Running';
        return Promise.resolve();
      },
    },
  };
}

describe('O-3 etcd restore', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-restore-'));
  const file = join(folder, 'a.snapshot');
  beforeAll(() => writeFileSync(file, WHOLE));
  afterAll(() => rmSync(folder, { recursive: true }));
  const all = (state: 'Preparing' | 'Running' | 'unhealthy' | 'lost') =>
    new ThreePlanes({ controlplane0: state, controlplane1: state, controlplane2: state });
  const DONE = ['45088 bytes to controlplane0', 'bootstrap controlplane0'];

  test('the first control plane has the snapshot and begins anew, the others join', async () => {
    const planes = all('Preparing');
    await restore(planes.tools, file, OPTIONS);
    expect(planes.log).toEqual(DONE);
    expect(planes.said).toEqual([
      `${file}: revision 301, 45088 bytes, its checksum is right`,
      'controlplane0 has the snapshot',
      'controlplane0 begins etcd anew; the others join',
      'etcd has 3 members, all healthy',
      'the Kubernetes API is ready',
    ]);
  });

  test.each([
    [
      'that has its quorum',
      all('Running'),
      'etcd of infrastructure has its quorum: controlplane0, controlplane1, controlplane2 healthy; nothing is restored over that; mend it, or add --force to wipe it: what was written since the snapshot is lost',
    ],
    [
      'of which one member has data',
      new ThreePlanes({ controlplane0: 'Preparing', controlplane1: 'unhealthy', controlplane2: 'Preparing' }),
      'etcd of infrastructure has data on controlplane1, and no quorum; nothing is restored over that; mend it, or add --force to wipe it: what was written since the snapshot is lost',
    ],
    [
      'of which control planes do not answer',
      new ThreePlanes({ controlplane0: 'Preparing', controlplane1: 'lost', controlplane2: 'lost' }),
      'every control plane answers: not so within 0.1 s; nobody answers at 10.0.1.2\nmake them anew, then restore: terraform -chdir=out/stacks/infrastructure apply -replace=proxmox_virtual_environment_vm.controlplane1_vm -replace=proxmox_virtual_environment_vm.controlplane2_vm -replace=talos_machine_configuration_apply.controlplane1_applied -replace=talos_machine_configuration_apply.controlplane2_applied -target=talos_machine_configuration_apply.controlplane1_applied -target=talos_machine_configuration_apply.controlplane2_applied',
    ],
  ])('an etcd %s is left alone', async (_, planes, words) => {
    const said: unknown = await restore(planes.tools, file, OPTIONS).catch(String);
    expect(said).toBe(`InputError: ${words}`);
    expect(planes.log).toEqual([]);
  });

  test('with --force data are wiped on all that have some, before the snapshot comes', async () => {
    const planes = new ThreePlanes({ controlplane0: 'Running', controlplane1: 'Running', controlplane2: 'Preparing' });
    await restore(planes.tools, file, { ...OPTIONS, force: true });
    expect(planes.log).toEqual(['wipe controlplane0', 'wipe controlplane1', ...DONE]);
  });

  test('a broken snapshot is refused before any control plane is asked', async () => {
    const broken = join(folder, 'b.snapshot');
    writeFileSync(broken, WHOLE.subarray(0, 30_000));
    const planes = all('lost');
    await expect(restore(planes.tools, broken, { ...OPTIONS, force: true })).rejects.toThrow(
      `${broken} is not a whole etcd snapshot`,
    );
    expect(planes.said).toEqual([]);
  });

  test('a dry run touches nothing', async () => {
    const planes = new ThreePlanes({ controlplane0: 'Preparing', controlplane1: 'Running', controlplane2: 'Running' });
    await restore(planes.tools, file, { ...OPTIONS, force: true, dryRun: true });
    expect(planes.log).toEqual([]);
    expect(planes.said.slice(1)).toEqual([
      'would wipe the data of controlplane1, controlplane2',
      'would begin etcd anew on controlplane0 with the snapshot; the others join',
    ]);
  });
});
