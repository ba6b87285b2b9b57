import { detachProviders } from '../../../operations/recover/detach-providers';
import type { StackJson } from '../../../operations/recover/existing';
import { examplePlan } from '../../setup/example-plan';
import { synthesizedText } from '../../stacks/synthesized';

type Json = StackJson & Required<Pick<StackJson, 'provider'>>;

test('providers of the cluster lose what they have from the kubeconfig, and nothing else of a stack changes', () => {
  const before = JSON.parse(synthesizedText(examplePlan())) as Json;
  expect(JSON.stringify(before.provider['kubernetes'])).toContain('talos_cluster_kubeconfig');
  expect(detachProviders(before)).toEqual({
    ...before,
    provider: { ...before.provider, helm: [{ kubernetes: {} }], kubernetes: [{}] },
  });
});
