import { machineSecretsIn } from '../../../operations/etcd/machine-secrets';

const pair = (name: string) => ({ cert: `${name} certificate`, key: `${name} key` });
const SECRETS = {
  cluster: { id: 'cluster id', secret: 'cluster secret' },
  secrets: { bootstrap_token: 'token', secretbox_encryption_secret: 'box', aescbc_encryption_secret: null },
  trustdinfo: { token: 'trustd token' },
  certs: {
    etcd: pair('etcd'),
    k8s: pair('k8s'),
    k8s_aggregator: pair('aggregator'),
    k8s_serviceaccount: { key: 'account key' },
    os: pair('os'),
  },
};
const stateWith = (secrets: unknown): string =>
  JSON.stringify({
    resources: [
      { type: 'terraform_data', instances: [] },
      { type: 'talos_machine_secrets', instances: [{ attributes: { id: 'x', machine_secrets: secrets } }] },
    ],
  });

describe('O-3 machine secrets beside a snapshot', () => {
  test('are written as talosctl gen secrets writes them', () => {
    expect(machineSecretsIn(stateWith(SECRETS))).toBe(`cluster:
  id: cluster id
  secret: cluster secret
secrets:
  bootstraptoken: token
  secretboxencryptionsecret: box
trustdinfo:
  token: trustd token
certs:
  etcd:
    crt: etcd certificate
    key: etcd key
  k8s:
    crt: k8s certificate
    key: k8s key
  k8saggregator:
    crt: aggregator certificate
    key: aggregator key
  k8sserviceaccount:
    key: account key
  os:
    crt: os certificate
    key: os key
`);
  });

  test('that a state has not are named, and no secret is', () => {
    expect(() => machineSecretsIn('{"resources":[]}')).toThrow(
      'the state has no machine secrets: is the cluster deployed?',
    );
    expect(() => machineSecretsIn(stateWith({ ...SECRETS, trustdinfo: {} }))).toThrow(
      'the machine secrets of the state are not as the Talos provider writes them at trustdinfo.token',
    );
  });
});
