import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detachProviders } from '../../../operations/recover/detach-providers';
import { examplePlan } from '../../setup/example-plan';
import { synthesizedText } from '../../stacks/synthesized';

interface Json {
  readonly provider: Readonly<Record<string, unknown>>;
  readonly resource: unknown;
}

test('providers of the cluster lose what they have from the kubeconfig, and nothing else of a stack changes', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'groundwork-recover-')), 'cdk.tf.json');
  const text = synthesizedText(examplePlan());
  writeFileSync(file, text);
  detachProviders(file);
  const [before, after] = [JSON.parse(text) as Json, JSON.parse(readFileSync(file, 'utf8')) as Json];
  expect(JSON.stringify(before.provider['kubernetes'])).toContain('talos_cluster_kubeconfig');
  expect(after).toEqual({
    ...before,
    provider: { ...before.provider, helm: [{ kubernetes: {} }], kubernetes: [{}] },
  });
});
