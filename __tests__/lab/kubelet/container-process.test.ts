import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  containerCapabilities,
  containerEnvironment,
  expand,
  refusal,
  sandboxed,
} from '../../../lab/kubelet/container-process';
import type { Container, Pod } from '../../../lab/kubelet/pod';

const where = { nodeName: 'controlplane0', nodeAddress: '10.0.1.1' };
const service = { address: '10.96.0.1', port: 443 };
const container: Container = { name: 'kube-vip', image: 'ghcr.io/kube-vip/kube-vip:v0.9.2' };
const pod = (spec: Partial<Pod['spec']> = {}): Pod => ({
  metadata: { name: 'kube-vip-abc', namespace: 'kube-system', uid: 'u1' },
  spec: { hostNetwork: true, serviceAccountName: 'kube-vip', containers: [container], ...spec },
});

describe('environment of a container', () => {
  test('is the kubelet’s, then the pod’s own in order', () => {
    const env = [
      { name: 'KUBERNETES_SERVICE_HOST', value: '127.0.0.1' },
      { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'BOTH', value: '$(NODE)@$(IP) $$(NODE) $(MISSING)' },
    ];
    expect(containerEnvironment(pod(), { ...container, env }, where, service)).toEqual({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOSTNAME: 'controlplane0',
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: '443',
      KUBERNETES_SERVICE_PORT_HTTPS: '443',
      NODE: 'controlplane0',
      IP: '10.0.1.1',
      BOTH: 'controlplane0@10.0.1.1 $(NODE) $(MISSING)',
    });
  });

  test('a source that the lab does not have is refused by name', () => {
    const env = [{ name: 'SECRET', valueFrom: {} }];
    expect(() => containerEnvironment(pod(), { ...container, env }, where, service)).toThrow(
      'variable SECRET comes from a source that the lab does not have: use value or fieldRef',
    );
    const bad = [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }];
    expect(() => containerEnvironment(pod(), { ...container, env: bad }, where, service)).toThrow(
      'unsupported fieldPath "status.phase"',
    );
  });

  test('references are expanded once', () => {
    expect(expand('$(A)', { A: '$(B)', B: 'x' })).toBe('$(B)');
  });
});

describe('capabilities of a container', () => {
  const capabilities = (securityContext: NonNullable<Container['securityContext']>): readonly string[] | undefined =>
    containerCapabilities({ ...container, securityContext });

  test('drop ALL and add two leaves two', () => {
    expect(capabilities({ capabilities: { add: ['NET_RAW', 'NET_ADMIN'], drop: ['ALL'] } })).toEqual([
      'net_admin',
      'net_raw',
    ]);
  });
  test('without a wish they are containerd’s', () => {
    expect(capabilities({})).toHaveLength(14);
    expect(capabilities({})).not.toContain('net_admin');
  });
  test('a privileged container keeps all', () => {
    expect(capabilities({ privileged: true })).toBeUndefined();
  });
});

describe('pods that the lab does not run as processes', () => {
  test.each<[string, Partial<Pod['spec']>]>([
    ['the lab runs one container per pod as a process', { containers: [container, container] }],
    ['the lab runs no init containers as processes', { initContainers: [container] }],
    ['the lab runs a pod as a process on the host network only: set hostNetwork', { hostNetwork: false }],
    [
      'the lab mounts projected volumes only: "data" is none',
      {
        containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        volumes: [{ name: 'data' }],
      },
    ],
  ])('%s', (reason, spec) => {
    expect(refusal(pod(spec))).toBe(reason);
  });

  test('others are run', () => {
    expect(refusal(pod())).toBeUndefined();
  });
});

describe('the sandbox of a pod’s process', () => {
  test('shows the volume below /var/run, and leaves the capabilities that the container has', () => {
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-volume-'));
    writeFileSync(join(folder, 'token'), 'secret');
    const target = '/var/run/secrets/kubernetes.io/serviceaccount';
    const command = ['sh', '-c', `cat ${target}/token; grep -E '^CapBnd' /proc/self/status`];
    const [program = '', ...args] = sandboxed(command, [{ source: folder, target }], ['net_admin', 'net_raw']);
    // As in the lab: root of a user namespace.
    const output = execFileSync('unshare', ['-Urm', program, ...args], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(output).toBe('secretCapBnd:\t0000000000003000\n');
  });
});
