import type { ApiSchema } from '../schema/schema';
import { parsePropertyString, printPropertyString, propertyOf } from '../schema/validate';

/** `netN` of a VM: `model`, `macaddr`, `bridge`, `tag` and more. */
export type NetworkDevice = Record<string, string>;

/** The first half of a generated MAC belongs to Proxmox Server Solutions (default of `mac_prefix` since 8.1). */
const PREFIX = 'BC:24:11';

export const parseNet = (schema: ApiSchema, text: string): NetworkDevice => {
  const format = propertyOf(schema.methods['POST /nodes/{node}/qemu']?.parameters ?? {}, 'net0')?.format;
  if (format === undefined || typeof format === 'string') throw new Error('the schema does not describe net[n]');
  return parsePropertyString(format, text);
};

/** `virtio=BC:24:11:…,bridge=vmbr0`: the model stands before its address, the rest is sorted. */
export const printNet = ({ model = 'virtio', macaddr = '', ...rest }: NetworkDevice): string =>
  printPropertyString({ ...rest, model: `${model}=${macaddr}` }, 'model');

export const withMac = (device: NetworkDevice, randomBytes: (count: number) => Buffer): NetworkDevice => {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  return { ...device, macaddr: device['macaddr'] ?? [PREFIX, ...tail].join(':') };
};
