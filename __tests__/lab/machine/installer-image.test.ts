import { createHash } from 'node:crypto';
import type { DiskImage } from '../../../lab/hardware/disk-image';
import { installedBy, withoutMeta } from '../../../lab/machine/installer-image';

const KEPT = `customization:
    extraKernelArgs:
        - net.ifnames=0
    systemExtensions:
        officialExtensions:
            - siderolabs/qemu-guest-agent
            - siderolabs/tailscale
`;
/** Id of KEPT, as Image Factory gives it. */
const KEPT_ID = '701705bc4c0193db66db4cc8706200eb392a0397a524c1e682f53e5a7c483a70';
const META = `    meta:
        - key: 10
          value: |
            addresses: []
        - key: 12
          value: x
`;
const WITH_META = KEPT.replace('    systemExtensions', `${META}    systemExtensions`);
const CURRENT: DiskImage = {
  talosVersion: 'v1.13.0',
  schematicId: 'aa',
  schematic: WITH_META,
  platform: 'metal',
  arch: 'amd64',
};

describe('installer images', () => {
  test('a schematic without its META values has the id that the factory gives it', () => {
    expect(withoutMeta(WITH_META)).toBe(KEPT);
    expect(createHash('sha256').update(withoutMeta(WITH_META)).digest('hex')).toBe(KEPT_ID);
    expect(withoutMeta(KEPT)).toBe(KEPT);
    expect(withoutMeta(`customization:\n${META}`)).toBe('customization: {}\n');
  });

  test.each([
    [`factory.talos.dev/metal-installer/${KEPT_ID}:v1.13.9`, KEPT],
    [`factory.talos.dev/installer/${KEPT_ID}:v1.13.9`, KEPT],
    [`factory.talos.dev/metal-installer-secureboot/${KEPT_ID}:v1.13.9`, KEPT],
    [
      'factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.13.9',
      'customization: {}\n',
    ],
    ['ghcr.io/siderolabs/installer:v1.13.9', 'customization: {}\n'],
  ])('%s', (reference, schematic) => {
    expect(installedBy(reference, CURRENT)).toMatchObject({ talosVersion: 'v1.13.9', platform: 'metal', schematic });
  });

  test.each([
    ['', 'failed to parse image reference: invalid reference format'],
    ['Factory/installer', 'failed to parse image reference: invalid reference format'],
    [`factory.talos.dev/metal-installer/${'0'.repeat(64)}:v1.13.9`, ': not found'],
    ['docker.io/library/nginx:v1.13.9', ': not found'],
    ['ghcr.io/siderolabs/installer:latest', 'Talos version "latest" is not a version: write it as v1.13.9'],
  ])('%j is refused', (reference, message) => {
    expect(() => installedBy(reference, CURRENT)).toThrow(message);
  });
});
