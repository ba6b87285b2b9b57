import { infrastructure } from '../../clusters/infrastructure';
import type { ClusterSpec } from '../../modules/model/cluster-spec';
import { expectDeployed, expectSuccess } from '../rehearsal/expectations';
import { LabSession } from '../rehearsal/lab-session';
import { random } from '../setup/random';

const LIMIT_MS = 60 * 60_000;
const seed = Number(process.env['GROUNDWORK_SEED'] ?? 20_261_121);
const points = Number(process.env['GROUNDWORK_KILLS'] ?? 20);
/** A new resource is begun every second or so: a kill comes at its begin, in its middle or after its end. */
const MOST_DELAY_MS = 2_000;

const SPEC: ClusterSpec = {
  ...infrastructure,
  nodePools: {
    controlplane: { role: 'controlplane', count: 1, firstAddress: '10.0.1.1' },
    worker: { role: 'worker', count: 1, firstAddress: '10.0.2.1' },
  },
};

/** A deploy after the last kill: everything is there, once, and a plan is empty. */
const converge = async (session: LabSession): Promise<void> => {
  await expectDeployed(session);
  expect((await session.inventory()).map((name) => name.replace(/-[0-9a-f]{12}-amd64/, ''))).toEqual([
    ...['local-lvm:vm-1500-disk-0', 'local-lvm:vm-1500-disk-1', 'local-lvm:vm-2000-disk-0', 'local-lvm:vm-2000-disk-1'],
    ...['local:import/talos-1.13.9.qcow2', 'local:import/talos-1.13.9.qcow2'],
    ...['talos-controlplane0', 'talos-worker0'],
  ]);
};

describe(`a deploy that is killed at ${points} points (seed ${seed})`, () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  test(
    'T-10 leaves a VM that is not its own alone',
    async () => {
      const vm = { vmid: '2000', name: 'somebody-elses' };
      await session.act('infrastructure', 'proxmox', 'POST', '/nodes/atlas/qemu', JSON.stringify(vm));
      const { status, output } = await session.plan();
      expect(status).toBe(1);
      expect(output.replaceAll(/\s*│ |\s+/g, ' ')).toContain(
        "VM 2000, which is to be worker0, is there already and has not the tag groundwork-infrastructure: it is not this cluster's, and is left alone.",
      );
      await session.act('infrastructure', 'proxmox', 'DELETE', '/nodes/atlas/qemu/2000');
      expect(await session.inventory()).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'goes on after groundwork recover, with no VM twice, no disk too many and no state lost',
    async () => {
      const next = random(seed);
      let kills = 0;
      while (kills < points) {
        const missing = await session.missingResources();
        const address = missing[Math.floor(next() * missing.length)];
        const delayMs = Math.round(next() * MOST_DELAY_MS);
        if (address === undefined) {
          // All is there: on with another cluster.
          await converge(session);
          expect(await session.destroy()).toEqual([]);
          continue;
        }
        const end = await session.killDeploy(address, delayMs);
        process.stderr.write(`${kills + 1}: ${delayMs} ms after the begin of ${address}: ${end}\n`);
        if (end !== 'killed') {
          // It was done before.
          expect(end).toBe('ended with status 0');
          continue;
        }
        kills += 1;
        // What the next deploy says, in the words of Terraform, which breaks lines.
        const words = (await session.plan()).output.replaceAll(/\s+/g, ' ');
        expect(words).toContain('was cut off, or runs now; before the next one: npx groundwork recover');
        const recovered = await session.groundwork('recover');
        process.stderr.write(recovered.stdout);
        expectSuccess(recovered);
      }
      await converge(session);
    },
    LIMIT_MS,
  );

  test(
    'T-14 is destroyed without a trace when the Kubernetes API is dead',
    async () => {
      await session.act('infrastructure', 'proxmox', 'POST', '/nodes/atlas/qemu/1500/status/stop');
      const refused = await session.groundwork('teardown');
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('the Kubernetes API does not do as asked');
      expect((await session.groundwork('teardown', '--force')).stderr).toContain(
        'dropped from the state: helm_release.cilium, helm_release.flux_controllers, helm_release.flux_sync, kubernetes_namespace.flux_namespace',
      );
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('a deploy with its state in S3, killed where much of it has not been saved yet', () => {
  let session: LabSession;
  beforeAll(async () => {
    session = await LabSession.start(SPEC);
    await session.keepStateInS3();
  }, LIMIT_MS);
  afterAll(() => session.stop(), LIMIT_MS);

  /** Kills, and does what Terraform and recover say. Gives what was in the way. */
  const killAndRecover = async (address: string, delayMs: number): Promise<readonly string[]> => {
    await session.missingResources();
    expect(await session.killDeploy(address, delayMs)).toBe('killed');
    expect((await session.plan()).output).toContain('Error acquiring the state lock');
    const { status, stderr } = await session.groundwork('recover');
    expect(status).toBe(1);
    const [, command = ''] = /where no deploy runs any more: npx groundwork (recover .*)\n/.exec(stderr) ?? [];
    const recovered = await session.groundwork(...command.split(' '));
    expectSuccess(recovered);
    return recovered.stdout.split('\n').filter(Boolean);
  };

  test(
    'O-5 goes on after groundwork recover, with the keys that the nodes have',
    async () => {
      // Nodes are configured and etcd is bootstrapped, which the state that was saved before does not know.
      expect(await killAndRecover('talos_cluster_kubeconfig.bootstrap_kubeconfig', 0)).toEqual([
        'taken over: etcd of controlplane0 was bootstrapped, and must not be a second time',
      ]);
      // Cilium is installed. Whether the kubeconfig was saved depends on the clock: if not, recover has seen nothing in Kubernetes.
      await killAndRecover('null_resource.ready_wait', 1_000);
      const { status, stdout, stderr } = await session.deploy();
      if (status !== 0) {
        expect(`${stdout}${stderr}`).toMatch(/already exists|cannot re-use a name/);
        expectSuccess(await session.groundwork('recover'));
      }
      await converge(session);
      expect(await session.destroy()).toEqual([]);
    },
    LIMIT_MS,
  );
});
