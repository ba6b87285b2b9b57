import type { ApiError } from '../../../lab/proxmox/errors';
import { PROPERTY_FORMATS, STRING_FORMATS, UNCHECKED_FORMATS } from '../../../lab/proxmox/schema/formats';
import { loadSchema, majorOf } from '../../../lab/proxmox/schema/schema';
import { parsePropertyString, printPropertyString, validateParameters } from '../../../lab/proxmox/schema/validate';

const qemu = loadSchema(9).methods['POST /nodes/{node}/qemu']?.parameters ?? {};
const REQUIRED = { node: 'pve1', vmid: '100' };

const faults = (parameters: Record<string, string | string[]>): unknown => {
  try {
    validateParameters(qemu, { ...REQUIRED, ...parameters });
  } catch (error) {
    const { status, message, errors } = error as ApiError;
    expect([status, message]).toEqual([400, 'Parameter verification failed.']);
    return errors;
  }
  return undefined;
};

describe('parameters against the schema', () => {
  test.each([
    [
      { colour: 'red' },
      { colour: 'property is not defined in schema and the schema does not allow additional properties' },
    ],
    [
      { scsi31: 'local:1' },
      { scsi31: 'property is not defined in schema and the schema does not allow additional properties' },
    ],
    [
      { scsi01: 'local:1' },
      { scsi01: 'property is not defined in schema and the schema does not allow additional properties' },
    ],
    [{ cores: 'four' }, { cores: "type check ('integer') failed - got 'four'" }],
    [{ cores: '0' }, { cores: 'value must have a minimum value of 1' }],
    [{ onboot: 'true' }, { onboot: "type check ('boolean') failed - got 'true'" }],
    [{ bios: 'uefi' }, { bios: "value 'uefi' does not have a value in the enumeration 'seabios, ovmf'" }],
    [{ name: 'control_plane' }, { name: 'invalid format - value does not look like a valid DNS name\n' }],
    [{ vmid: '99' }, { vmid: 'invalid format - value does not look like a valid VM ID\n' }],
    [{ tags: 'a;b c!' }, { tags: 'invalid format - invalid characters in tag\n' }],
    [
      { cpu: 'i386' },
      {
        cpu: "invalid format - format error\ncpu.cputype: invalid format - Built-in cputype 'i386' is not defined (missing 'custom-' prefix?)\n\n",
      },
    ],
    [
      { net0: 'virtio,bridge=vmbr0,tag=5000' },
      { net0: 'invalid format - format error\nnet0.tag: value must have a maximum value of 4094\n' },
    ],
    [
      { net0: 'bridge=vmbr0' },
      { net0: 'invalid format - format error\nnet0.model: property is missing and it is not optional\n' },
    ],
    [
      { scsi0: 'local:1,aio=fast' },
      {
        scsi0:
          "invalid format - format error\nscsi0.aio: value 'fast' does not have a value in the enumeration 'native, threads, io_uring'\n",
      },
    ],
    [
      { scsi0: 'local:1,colour=red' },
      { scsi0: 'invalid format - invalid key in comma-separated list property: colour\n' },
    ],
    [
      { scsi0: 'local:1,ssd=1,ssd=0' },
      { scsi0: 'invalid format - duplicate key in comma-separated list property: ssd\n' },
    ],
    [
      { machine: 'pdp11' },
      { machine: 'invalid format - format error\nmachine.type: value does not match the regex pattern\n' },
    ],
    [{ serial0: 'pipe' }, { serial0: 'value does not match the regex pattern' }],
    [{ description: 'x'.repeat(8193) }, { description: 'value may only be 8192 characters long' }],
    [{ force: '1' }, { archive: "missing property required by 'force'" }],
    [{ cores: ['1', '2'] }, { cores: "type check ('integer') failed - got ARRAY" }],
    [{ startup: 'order=first' }, { startup: 'invalid format - unable to parse startup options\n' }],
  ])('%j is refused', (parameters, errors) => {
    expect(faults(parameters)).toEqual(errors);
  });

  test('all faults are told at once', () => {
    expect(faults({ cores: '0', memory: '1', bios: 'uefi' })).toEqual({
      bios: "value 'uefi' does not have a value in the enumeration 'seabios, ovmf'",
      cores: 'value must have a minimum value of 1',
      memory: 'invalid format - format error\nmemory.current: value must have a minimum value of 16\n',
    });
  });

  test('what is missing is told', () => {
    expect(() => validateParameters(qemu, { node: 'pve1' })).toThrow('Parameter verification failed.');
  });

  test('a list may come as several parameters', () => {
    expect(validateParameters(qemu, { ...REQUIRED, tags: ['a', 'b'] })['tags']).toBe('a,b');
  });

  test.each([
    { agent: 'enabled=1,fstrim_cloned_disks=0,type=virtio' },
    { boot: 'order=scsi0;net0', cpu: 'cputype=host,flags=+aes;-pcid' },
    { scsi0: 'file=local-lvm:0,import-from=local:import/talos.qcow2,size=21474836480,aio=io_uring,discard=on,' },
    {
      net0: 'model=virtio,bridge=vmbr0,firewall=0',
      startup: 'order=1,up=30',
      smbios1: 'uuid=11111111-2222-3333-4444-555555555555',
    },
    {
      hostpci0: 'mapping=gpu,pcie=1',
      ipconfig0: 'gw=10.0.0.1,ip=10.0.1.1/16',
      efidisk0: 'file=local-lvm:1,format=raw,efitype=4m,pre-enrolled-keys=0',
    },
  ])('%j passes', (parameters) => {
    expect(faults(parameters)).toBeUndefined();
  });
});

describe('property strings', () => {
  const format = {
    model: { type: 'string', default_key: 1 },
    bridge: { type: 'string', optional: 1 },
    firewall: { type: 'boolean', optional: 1 },
  } as const;

  test('are read with booleans in any dress, and printed sorted', () => {
    const values = parsePropertyString(format, 'firewall=off,virtio,bridge=vmbr0');
    expect(values).toEqual({ model: 'virtio', bridge: 'vmbr0', firewall: '0' });
    expect(printPropertyString(values, 'model')).toBe('virtio,bridge=vmbr0,firewall=0');
  });
});

describe('the schema that is carried', () => {
  test.each([8, 9] as const)('names only formats that are known in %s', (major) => {
    const named = [...JSON.stringify(loadSchema(major)).matchAll(/"format":"([^"]+)"/g)].map(
      ([, name]) => name?.replace(/-list$/, '') ?? '',
    );
    const known = [...Object.keys(STRING_FORMATS), ...Object.keys(PROPERTY_FORMATS), ...UNCHECKED_FORMATS];
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
  });

  test('rules of the HA stack are of 9', () => {
    const rows = (major: 8 | 9) => Object.keys(loadSchema(major).methods);
    expect(rows(9).filter((row) => !rows(8).includes(row))).toEqual([
      'GET /cluster/ha/rules',
      'POST /cluster/ha/rules',
      'GET /cluster/ha/rules/{rule}',
      'PUT /cluster/ha/rules/{rule}',
      'DELETE /cluster/ha/rules/{rule}',
    ]);
  });

  test.each(['7.4.1', '8.3.0', 'nine'])('there is none for %s', (version) => {
    expect(() => majorOf(version)).toThrow(`proxmox version "${version}" is not simulated: use 8.4.x or 9.x, as 9.2.6`);
  });
});
