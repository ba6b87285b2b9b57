import { accessList } from '../../../lab/world/access-list';
import { standIns } from '../../../lab/world/data-centre';
import { labEnvironment, machineEnvironment } from '../../../lab/world/environment';
import { site } from './site';

const input = (outer: Record<string, string>) => ({
  outer,
  variables: ['tailscale_auth_key'],
  toolchain: {
    binaries: {},
    terraform: '/cache/tofu',
    terraformCliConfig: '/cache/terraformrc',
    providerVersions: { proxmox: '0.111.1', null: '1.0.0' },
  },
  toolchainFile: '/cache/manifest.json',
  checkout: '/home/me/groundwork',
  logFolder: '/home/me/groundwork/.lab/1/logs',
  run: '1',
  apiToken: 'terraform@pve!groundwork=secret',
});

describe('environment of a command in the lab', () => {
  test('all of it', () => {
    expect(labEnvironment(input({ PATH: '/usr/bin', TERM: 'xterm' }))).toEqual({
      PATH: '/run/groundwork/bin:/home/me/groundwork/node_modules/.bin:/usr/bin',
      TERM: 'xterm',
      HOME: '/run/groundwork/home',
      TMPDIR: '/run/groundwork/tmp',
      GROUNDWORK_RUN: '1',
      GROUNDWORK_TOOLCHAIN: '/cache/manifest.json',
      GROUNDWORK_STATE: 'local',
      GROUNDWORK_STATE_DIR: '/run/groundwork/state',
      GROUNDWORK_PROVIDER_VERSIONS: 'proxmox=0.111.1,null=1.0.0',
      SSL_CERT_FILE: '/run/groundwork/ca.pem',
      NODE_EXTRA_CA_CERTS: '/run/groundwork/ca.pem',
      CURL_CA_BUNDLE: '/run/groundwork/ca.pem',
      REQUESTS_CA_BUNDLE: '/run/groundwork/ca.pem',
      KUBECONFIG: '/run/groundwork/kubeconfig',
      TALOSCONFIG: '/run/groundwork/talosconfig',
      KUBECACHEDIR: '/run/groundwork/home/.kube/cache',
      HELM_CACHE_HOME: '/run/groundwork/home/.cache/helm',
      HELM_CONFIG_HOME: '/run/groundwork/home/.config/helm',
      HELM_DATA_HOME: '/run/groundwork/home/.local/share/helm',
      TERRAFORM_BINARY_NAME: '/cache/tofu',
      TF_CLI_CONFIG_FILE: '/cache/terraformrc',
      TF_IN_AUTOMATION: 'true',
      CHECKPOINT_DISABLE: '1',
      CI: 'true',
      CDKTF_SKIP_PROVIDER_LOCK: 'true',
      CDKTF_DISABLE_PLUGIN_CACHE_ENV: 'true',
      CDKTF_HOME: '/run/groundwork/home/.cdktf',
      CDKTF_OUTPUT: '/run/groundwork/cdktf.out',
      CDKTF_LOG_FILE_DIRECTORY: '/home/me/groundwork/.lab/1/logs',
      KUBE_LOAD_CONFIG_FILE: 'false',
      PROXMOX_VE_API_TOKEN: 'terraform@pve!groundwork=secret',
      TF_VAR_tailscale_auth_key: 'rehearsal-tailscale_auth_key',
    });
  });

  test('what could lead to a real cluster, cloud or credential stays outside', () => {
    const outer = {
      PATH: '/usr/bin',
      HOME: '/home/me',
      KUBECONFIG: '/home/me/.kube/config',
      PROXMOX_VE_PASSWORD: 'real',
      TF_VAR_tailscale_auth_key: 'tskey-real',
      TF_WORKSPACE: 'production',
      AWS_SECRET_ACCESS_KEY: 'real',
      HTTPS_PROXY: 'http://proxy:3128',
    };
    const environment = labEnvironment(input(outer));
    expect(Object.values(environment).join('\n')).not.toMatch(/real|production|3128|\/home\/me\/\.kube/);
    expect(Object.keys(environment)).not.toContain('HTTPS_PROXY');
    expect(Object.keys(environment)).not.toContain('PROXMOX_VE_PASSWORD');
  });

  test('a machine gets what hardware gives, and nothing of Terraform', () => {
    expect(
      machineEnvironment({ outer: { PATH: '/usr/bin', LANG: 'de_DE' }, toolchainFile: '/m.json', run: '1' }),
    ).toEqual({
      PATH: '/usr/bin',
      HOME: '/run/groundwork/home',
      TMPDIR: '/run/groundwork/tmp',
      LANG: 'C.UTF-8',
      GROUNDWORK_RUN: '1',
      GROUNDWORK_TOOLCHAIN: '/m.json',
      GROUNDWORK_LAB: '/run/groundwork/lab.json',
      SSL_CERT_FILE: '/run/groundwork/ca.pem',
      NODE_EXTRA_CA_CERTS: '/run/groundwork/ca.pem',
    });
  });
});

describe('data centre of a site', () => {
  test('O-6 the token may do what a deploy needs, and no more', () => {
    expect(accessList(site())).toEqual([
      { path: '/storage/local', role: ['Datastore.Audit', 'Datastore.AllocateTemplate', 'Datastore.Allocate'] },
      { path: '/storage/local-lvm', role: ['Datastore.Audit', 'Datastore.AllocateSpace'] },
      { path: '/nodes/pve1', role: ['Sys.AccessNetwork'] },
      { path: '/nodes/pve2', role: ['Sys.AccessNetwork'] },
      {
        path: '/vms',
        role: [
          'VM.Allocate',
          'VM.Audit',
          'VM.PowerMgmt',
          'VM.Config.Disk',
          'VM.Config.CPU',
          'VM.Config.Memory',
          'VM.Config.Network',
          'VM.Config.HWType',
          'VM.Config.Options',
          'VM.Migrate',
        ],
      },
      // Before it moves a VM the provider asks whether the HA manager has it
      { path: '/', role: ['Sys.Audit'] },
      { path: '/sdn/zones/localnetwork/vmbr0', role: ['SDN.Use'] },
    ]);
  });

  test('stand-in charts are served at the URL that the stack names, a mirror included', () => {
    const served = standIns(site().chartRepositories);
    expect(served.map(({ url, charts }) => [url, charts.map(({ name }) => name)])).toEqual([
      ['https://helm.cilium.io', ['cilium']],
      ['https://charts.home.arpa/flux', ['flux2']],
    ]);
  });

  test('every chart without a stand-in is named', () => {
    const charts = [
      { name: 'cilium', version: '1.0.0' },
      { name: 'harbor', version: '1.2.3' },
    ];
    expect(() => standIns([{ url: 'https://charts.home.arpa', host: 'charts.home.arpa', charts }])).toThrow(
      [
        'chart cilium 1.0.0 has no stand-in in lab/charts/catalogue.ts: there is 1.19.6, 1.19.5',
        'chart harbor of https://charts.home.arpa has no stand-in in lab/charts/catalogue.ts',
      ].join('\n'),
    );
  });
});
