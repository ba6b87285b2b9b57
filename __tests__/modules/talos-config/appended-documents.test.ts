import { parseAllDocuments } from 'yaml';
import { appendedDocuments } from '../../../modules/talos-config/appended-documents';
import type { NodePlan, PatchPlan } from '../../../modules/model/cluster-plan';
import { examplePlan } from '../../setup/example-plan';

const plan = examplePlan();
const [, , worker] = plan.nodes;
if (worker === undefined) throw new Error('the example plan lacks nodes');

describe('T-11 documents that are appended to a machine config', () => {
  test('each disk is a user volume, found by its slot', () => {
    const disk = { sizeGiB: 100, storage: 'ceph' };
    const disks = [
      { ...disk, name: 'data', slot: 1, filesystem: 'xfs' as const },
      { ...disk, name: 'scratch', slot: 3, filesystem: 'ext4' as const },
    ];
    expect(appendedDocuments(plan, worker)).toBe('');
    expect(appendedDocuments(plan, { ...worker, disks })).toBe(`---
apiVersion: v1alpha1
kind: UserVolumeConfig
name: data
provisioning:
  diskSelector:
    match: "'/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1' in disk.symlinks"
  minSize: 512MiB
  grow: true
filesystem:
  type: xfs
---
apiVersion: v1alpha1
kind: UserVolumeConfig
name: scratch
provisioning:
  diskSelector:
    match: "'/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi3' in disk.symlinks"
  minSize: 512MiB
  grow: true
filesystem:
  type: ext4
`);
  });

  const patched = (...patches: readonly object[]): NodePlan => ({
    ...worker,
    patches: patches.map((patch): PatchPlan => ({ path: 'talos.patches[0]', patch: { ...patch } })),
  });
  const documents = (node: NodePlan): unknown[] =>
    parseAllDocuments(appendedDocuments(plan, node)).map((document) => {
      const value: unknown = document.toJS();
      return value;
    });

  test('patches of kinds that are newer than 1.9, and no others', () => {
    const oom = { apiVersion: 'v1alpha1', kind: 'OOMConfig', triggerExpression: 'false' };
    const watchdog = { apiVersion: 'v1alpha1', kind: 'WatchdogTimerConfig', device: '/dev/watchdog0' };
    expect(documents(patched({ machine: {} }, oom, watchdog))).toEqual([oom]);
  });

  test('of two of one kind and name the later counts: that of a node, and that of a patch before one of ours', () => {
    const volume = { apiVersion: 'v1alpha1', kind: 'UserVolumeConfig', name: 'data' };
    const raw = { apiVersion: 'v1alpha1', kind: 'RawVolumeConfig', name: 'data' };
    const disks = [{ name: 'data', slot: 1, sizeGiB: 100, storage: 'ceph', filesystem: 'xfs' as const }];
    const first = { ...volume, filesystem: { type: 'ext4' } };
    const second = { ...volume, filesystem: { type: 'xfs' } };
    expect(documents({ ...patched(first, raw, second), disks })).toEqual([second, raw]);
  });

  test('a disk is encrypted as the system disk is', () => {
    const disks = [{ name: 'data', slot: 1, sizeGiB: 100, storage: 'ceph', filesystem: 'xfs' as const }];
    const encrypted = examplePlan({ talos: { ...plan.talos, diskEncryption: 'node-id' } });
    expect(appendedDocuments(encrypted, { ...worker, disks })).toContain(
      'encryption:\n  provider: luks2\n  keys:\n    - slot: 0\n      nodeID: {}\n',
    );
  });
});
