import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES_FOLDER, readGoModule } from '../../toolchain/go-module';
import { ALL_PROGRAMS, LAB_PROGRAMS, PROVIDER_PROGRAMS, type GoProgram } from '../../toolchain/programs';
import { temporaryFolder } from './temporary-folder';

const folder = temporaryFolder();

const named = (name: string): GoProgram => {
  const program = ALL_PROGRAMS.find(({ module }) => module === name);
  if (program === undefined) throw new Error(name);
  return program;
};

describe('key of a Go module', () => {
  test.each(['go.mod', 'go.sum', 'main.go'])('changes with %s', (file) => {
    cpSync(MODULES_FOLDER, folder(), { recursive: true });
    const before = readGoModule(named('talos-config'), folder()).key;
    appendFileSync(join(folder(), 'talos-config', file), '\n// one line more\n');
    expect(readGoModule(named('talos-config'), folder()).key).not.toBe(before);
  });

  test('changes with build flags, packages and processor', () => {
    const etcd = named('etcd');
    const keys = [
      readGoModule(etcd),
      readGoModule({ ...etcd, variables: () => ({ 'main.version': '1' }) }),
      readGoModule({ ...etcd, packages: { etcd: 'go.etcd.io/etcd/etcdutl/v3' } }),
      readGoModule(etcd, MODULES_FOLDER, 'arm64'),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
  });

  test('stays the same for what decides nothing', () => {
    const etcd = named('etcd');
    expect(readGoModule({ ...etcd, purpose: 'another text', seconds: 1 }).key).toBe(readGoModule(etcd).key);
  });
});

describe('what go.mod says', () => {
  test('the API server and the nodes report the version of the module', () => {
    const { version, flags } = readGoModule(named('kubernetes'));
    expect(version).toBe('v1.35.0');
    expect(flags[2]).toBe(
      '-s -w' +
        ' -X k8s.io/component-base/version.gitVersion=v1.35.0 -X k8s.io/component-base/version.gitMajor=1' +
        ' -X k8s.io/component-base/version.gitMinor=35 -X k8s.io/component-base/version.gitTreeState=clean' +
        ' -X k8s.io/client-go/pkg/version.gitVersion=v1.35.0 -X k8s.io/client-go/pkg/version.gitMajor=1' +
        ' -X k8s.io/client-go/pkg/version.gitMinor=35 -X k8s.io/client-go/pkg/version.gitTreeState=clean',
    );
  });

  test('a go.mod without the pinned module is refused', () => {
    expect(() => readGoModule({ ...named('etcd'), pin: 'example.org/gone' })).toThrow(
      'go.mod does not require example.org/gone: run `go get -tool example.org/gone` in its folder',
    );
  });

  test('the folders under modules/ and the table of programs are the same', () => {
    const modules = ALL_PROGRAMS.map((program) => readGoModule(program));
    expect(modules.map(({ minimumGo }) => minimumGo)).not.toContain('');
    expect(LAB_PROGRAMS.flatMap(({ packages }) => Object.keys(packages)).sort()).toEqual([
      'etcd',
      'etcdutl',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kube-vip',
      'kubectl',
      'kwok',
      'talos-config',
    ]);
    expect(PROVIDER_PROGRAMS.map(({ module }) => module)).toEqual([
      'provider-proxmox',
      'provider-talos',
      'provider-helm',
      'provider-kubernetes',
      'provider-null',
    ]);
  });
});
