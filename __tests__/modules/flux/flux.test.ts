import { parse } from 'yaml';
import { blockAt, synthesized } from '../../stacks/synthesized';
import { examplePlan } from '../../setup/example-plan';

const CHARTS = 'https://fluxcd-community.github.io/helm-charts';
const NAMESPACE = '${kubernetes_namespace.flux_namespace.metadata[0].name}';

describe('T-16 Flux', () => {
  const json = synthesized(examplePlan());

  test('has a namespace that says what its pods may do', () => {
    expect(blockAt(json, 'kubernetes_namespace.flux_namespace')['metadata']).toEqual({
      name: 'flux-system',
      labels: { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' },
    });
  });

  test('controllers come first, and are waited for', () => {
    expect(blockAt(json, 'helm_release.flux_controllers')).toEqual({
      name: 'flux2',
      namespace: NAMESPACE,
      repository: CHARTS,
      chart: 'flux2',
      version: '2.18.3',
      wait: true,
      timeout: 600,
      depends_on: ['null_resource.ready_wait'],
    });
  });

  test('follows the repository of the plan', () => {
    const { values, ...release } = blockAt(json, 'helm_release.flux_sync');
    expect(release).toEqual({
      name: 'flux-system',
      namespace: NAMESPACE,
      repository: CHARTS,
      chart: 'flux2-sync',
      version: '1.14.5',
      wait: false,
      depends_on: ['helm_release.flux_controllers'],
    });
    expect((values as string[]).map((text): unknown => parse(text))).toEqual([
      {
        gitRepository: {
          spec: { url: 'https://git.example/infrastructure.git', ref: { branch: 'main' }, interval: '1m' },
        },
        kustomization: { spec: { path: './platform/infrastructure', interval: '10m', prune: true } },
      },
    ]);
  });
});

describe('T-16 what Flux is given at deploy', () => {
  const { flux } = examplePlan();
  const metadata = (name: string): object => ({ name, namespace: NAMESPACE });
  const synced = (json: ReturnType<typeof synthesized>): unknown =>
    parse((blockAt(json, 'helm_release.flux_sync')['values'] as string[])[0] ?? '');

  test('nothing for a public repository', () => {
    const json = synthesized(examplePlan());
    expect(json.resource['kubernetes_secret']).toBeUndefined();
    expect(json.variable).toBeUndefined();
  });

  test('a token by https', () => {
    const json = synthesized(examplePlan({ flux: { ...flux, access: 'token' } }));
    expect(blockAt(json, 'kubernetes_secret.flux_access_git')).toEqual({
      metadata: metadata('flux-system'),
      data: { username: 'git', password: '${var.flux_token}' },
    });
    expect(synced(json)).toMatchObject({ gitRepository: { spec: { secretRef: { name: 'flux-system' } } } });
    expect(blockAt(json, 'helm_release.flux_sync')['depends_on']).toEqual([
      'helm_release.flux_controllers',
      'kubernetes_secret.flux_access_git',
    ]);
    expect(json.variable).toEqual({
      flux_token: {
        type: 'string',
        sensitive: true,
        nullable: false,
        description: 'Flux: a token that reads the Git repository; give it as TF_VAR_flux_token',
      },
    });
  });

  test('a deploy key by ssh, and the keys by which the server is known', () => {
    const knownHosts = ['git.example ssh-ed25519 AAAA', 'git.example ssh-rsa BBBB'];
    const json = synthesized(examplePlan({ flux: { ...flux, access: 'deploy-key', knownHosts } }));
    expect(blockAt(json, 'kubernetes_secret.flux_access_git')['data']).toEqual({
      identity: '${var.flux_deploy_key}',
      known_hosts: 'git.example ssh-ed25519 AAAA\ngit.example ssh-rsa BBBB',
    });
  });

  test('an age key for SOPS', () => {
    const json = synthesized(examplePlan({ flux: { ...flux, sops: true } }));
    expect(blockAt(json, 'kubernetes_secret.flux_access_age')).toEqual({
      metadata: metadata('sops-age'),
      data: { 'age.agekey': '${var.flux_age_key}' },
    });
    expect(synced(json)).toMatchObject({
      kustomization: { spec: { decryption: { provider: 'sops', secretRef: { name: 'sops-age' } } } },
    });
  });

  test('the key pair of sealed-secrets, in a namespace whose labels are for Flux to say', () => {
    const json = synthesized(examplePlan({ flux: { ...flux, sealedSecretsKey: true } }));
    expect(blockAt(json, 'kubernetes_namespace.flux_access_sealed')).toEqual({
      metadata: { name: 'sealed-secrets' },
      depends_on: ['null_resource.api_wait'],
      lifecycle: { ignore_changes: ['metadata[0].labels', 'metadata[0].annotations'] },
    });
    expect(blockAt(json, 'kubernetes_secret.flux_access_sealingkey')).toEqual({
      metadata: {
        name: 'sealed-secrets-key-of-terraform',
        namespace: '${kubernetes_namespace.flux_access_sealed.metadata[0].name}',
        labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' },
      },
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': '${var.flux_sealing_certificate}', 'tls.key': '${var.flux_sealing_key}' },
    });
    expect(Object.values(json.variable ?? {}).map(({ sensitive }) => sensitive)).toEqual([true, true]);
  });
});
