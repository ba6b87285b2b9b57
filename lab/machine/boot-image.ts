import { parse } from 'yaml';
import type { DiskImage } from '../hardware/disk-image';
import { readDisk } from '../hardware/disk';
import type { VirtualDisk } from '../hardware/hypervisor';

/** What a schematic puts into an image. */
export interface Customization {
  readonly kernelArgs: readonly string[];
  /** META values by key, as they were when the image was built. */
  readonly meta: ReadonlyMap<number, string>;
  /** As `siderolabs/qemu-guest-agent`. */
  readonly extensions: readonly string[];
}

export interface BootDisk {
  readonly device: string;
  /** The disk's folder. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly image: DiskImage;
  readonly customization: Customization;
}

interface SchematicDocument {
  readonly customization?: {
    readonly extraKernelArgs?: readonly string[];
    readonly meta?: readonly { readonly key: number; readonly value: string }[];
    readonly systemExtensions?: { readonly officialExtensions?: readonly string[] };
  };
}

/** Reads a schematic that the factory has accepted: its fields are not checked again. */
export const readSchematic = (yaml: string): Customization => {
  const customization = (parse(yaml) as SchematicDocument | null)?.customization ?? {};
  return {
    kernelArgs: customization.extraKernelArgs ?? [],
    meta: new Map((customization.meta ?? []).map(({ key, value }) => [key, value])),
    extensions: customization.systemExtensions?.officialExtensions ?? [],
  };
};

/**
 * The first disk in boot order that holds an image for the processor, as firmware looks for one (`BOOTX64.EFI` or
 * `BOOTAA64.EFI`, UEFI specification 3.5.1.1); undefined where nothing boots.
 */
export const findBootDisk = (
  disks: readonly VirtualDisk[],
  architecture: DiskImage['arch'] = 'amd64',
): BootDisk | undefined => {
  for (const { device, path } of disks) {
    const { image, sizeBytes } = readDisk(path);
    if (image?.arch === architecture)
      return { device, path, sizeBytes, image, customization: readSchematic(image.schematic) };
  }
  return undefined;
};

/**
 * Linux' name of a Proxmox drive: `scsi0` is `/dev/sda`, `virtio1` is `/dev/vdb`. Counted by the drive's own
 * number, which is what the kernel does where drives are numbered without a gap.
 */
export const devicePath = (device: string): string => {
  const match = /^(scsi|sata|ide|virtio)(\d+)$/.exec(device);
  const letter = String.fromCharCode('a'.charCodeAt(0) + Number(match?.[2] ?? 0));
  return `/dev/${match?.[1] === 'virtio' ? 'vd' : 'sd'}${letter}`;
};
