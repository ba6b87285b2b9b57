import { writeFileSync } from 'node:fs';
import { encodeDiskImage } from '../../../lab/hardware/disk-image';
import type { RemoteFiles } from '../../../lab/proxmox/storage/remote-files';

export const SCHEMATIC_ID = '613e1592b2da41ae5e265e8789429f22e121aab91cb4deb6bc3c0b6262961245';
export const IMAGE_URL = `https://factory.talos.dev/image/${SCHEMATIC_ID}/v1.13.9/metal-amd64.qcow2`;

const MIB = 1024 ** 2;

/** What the factory gives for IMAGE_URL: 1246 MiB when unpacked, as Talos' own images. */
export const talosImage = (): Buffer =>
  encodeDiskImage(
    {
      talosVersion: 'v1.13.9',
      schematicId: SCHEMATIC_ID,
      schematic: 'customization: {}\n',
      platform: 'metal',
      arch: 'amd64',
    },
    1246 * MIB,
    64 * 1024,
  );

/** A factory in memory: every `*.qcow2` is the Talos image, all else is not there. */
export const memoryFactory = (image: Buffer = talosImage()): RemoteFiles => ({
  head: (url) =>
    Promise.resolve(
      url.endsWith('.qcow2')
        ? {
            status: 200,
            reason: 'OK',
            headers: { 'content-length': String(image.length), 'content-type': 'application/octet-stream' },
          }
        : { status: 404, reason: 'Not Found', headers: {} },
    ),
  download: (url, _verify, path) => {
    if (!url.endsWith('.qcow2')) return Promise.reject(new Error('exit code 8'));
    writeFileSync(path, image);
    return Promise.resolve();
  },
});
