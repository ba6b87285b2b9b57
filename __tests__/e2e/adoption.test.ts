import { examplePlan } from '../setup/example-plan';
import { ProxmoxPart } from './proxmox-part';

const LIMIT_MS = 120_000;

const IMAGES = ['controlplane0', 'controlplane1', 'worker0'].map((node) => `proxmox_download_file.${node}_image_file`);
const WORKER = 'proxmox_virtual_environment_vm.worker0_vm';

describe('T-10 what a deploy takes for its own', () => {
  let part: ProxmoxPart;
  beforeAll(async () => {
    part = await ProxmoxPart.start(examplePlan());
  }, LIMIT_MS);
  afterAll(() => part.stop());

  const refusal = (words: readonly string[]): Promise<string> =>
    part.terraform(...words).then(
      () => 'it was not refused',
      (error: unknown) => (error as { readonly stderr: string }).stderr.replaceAll(/\s*│\s*|\s+/g, ' '),
    );

  test(
    'is no VM without the cluster’s tag: the plan is refused, and the VM is left alone',
    async () => {
      const vm = { vmid: '2000', name: 'somebody-elses', tags: 'worker;groundwork-other' };
      await part.centre.must('POST', '/nodes/atlas/qemu', vm);
      expect(await refusal(['apply', '-input=false', '-auto-approve'])).toContain(
        "VM 2000, which is to be worker0, is there already and has not the tag groundwork-infrastructure: it is not this cluster's, and is left alone. Give the node another VM id, or remove that VM. If it is worker0 and lost its tag, add the tag in Proxmox.",
      );
      expect(await part.centre.must('GET', '/nodes/atlas/qemu/2000/config')).toMatchObject({
        name: 'somebody-elses',
        tags: 'groundwork-other;worker',
      });
      await part.centre.must('DELETE', '/nodes/atlas/qemu/2000');
    },
    LIMIT_MS,
  );

  test(
    'are its VMs and images that the state has lost: they are there once, as before',
    async () => {
      await part.apply();
      const before = part.inventory();
      expect(before.filter((name) => name.endsWith('running'))).toEqual([
        '1500 talos-controlplane0 running',
        '1501 talos-controlplane1 running',
        '2000 talos-worker0 running',
      ]);
      await part.terraform('state', 'rm', WORKER, ...IMAGES);
      await part.apply();
      expect(part.inventory()).toEqual(before);
      expect(await part.terraform('plan', '-input=false', '-detailed-exitcode')).toContain('No changes.');
    },
    LIMIT_MS,
  );
});
