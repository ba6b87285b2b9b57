import type { Format } from './schema';

/** Says what is wrong, in Proxmox' words, or undefined. */
type Verify = (value: string) => string | undefined;

const matches =
  (pattern: RegExp, text: string | ((value: string) => string)): Verify =>
  (value) =>
    pattern.test(value) ? undefined : typeof text === 'string' ? text : text(value);

const id =
  (kind: string): Verify =>
  (value) => {
    if (value.length < 2) return `${kind} ID '${value}' cannot be shorter than 2 characters`;
    return /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(value)
      ? undefined
      : `${kind} ID '${value}' contains illegal characters`;
  };

const V4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
const V6 = /^[0-9a-f:]*:[0-9a-f:.]*$/i;
const DNS_NAME = /^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)*[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const MODEL =
  /^(host|max|qemu(32|64)|kvm(32|64)|x86-64-v(2|2-AES|3|4)|486|athlon|phenom|pentium[23]?|core(2)?duo|Conroe|Penryn|KnightsMill|ClearwaterForest|(Nehalem|Westmere|SandyBridge|IvyBridge|Haswell|Broadwell|Skylake-(Client|Server)|Cascadelake-Server|Cooperlake|Icelake-(Client|Server)|SapphireRapids|GraniteRapids|SierraForest|Opteron_G[1-5]|EPYC(-Rome|-Milan|-Genoa|-Turin)?)(-noTSX)?(-IBRS|-IBPB)?(-v\d)?|custom-.+)$/;

const cidr = (value: string): boolean => {
  const [address = '', bits = ''] = value.split('/');
  return (
    /^\d+$/.test(bits) &&
    Number(bits) > 7 &&
    (V4.test(address) ? Number(bits) <= 32 : V6.test(address) && Number(bits) <= 128)
  );
};

const HA_NODE = matches(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?$/, 'value does not look like a valid ha node');

/** Named formats of one string each: pve-common src/PVE/JSONSchema.pm, and the packages that register more. */
export const STRING_FORMATS: Readonly<Record<string, Verify>> = {
  'pve-node': matches(/^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/, 'value does not look like a valid node name'),
  'pve-vmid': matches(/^[1-9][0-9]{2,8}$/, 'value does not look like a valid VM ID'),
  'pve-storage-id': id('storage'),
  'pve-bridge-id': matches(/^[-_.\w]+$/, (value) => `invalid bridge ID '${value}'`),
  'pve-configid': matches(/^[a-z][a-z0-9_-]+$/i, (value) => `invalid configuration ID '${value}'`),
  'pve-storage-content': matches(
    /^(images|rootdir|vztmpl|iso|backup|snippets|import|none)$/,
    (value) => `invalid content type '${value}'`,
  ),
  'pve-poolid': (value) => {
    if (value.split('/').length > 3) return `pool name '${value}' nested too deeply (max levels = 3)`;
    return /^[\w.-]+(\/[\w.-]+){0,2}$/.test(value) ? undefined : `pool name '${value}' contains invalid characters`;
  },
  'pve-tag': matches(/^[a-z0-9_][a-z0-9_\-+.]*$/i, 'invalid characters in tag'),
  'pve-startup-order': (value) =>
    value.split(',').every((part) => /^\s*$|^(order=)?\d+$|^(up|down)=\d+$/.test(part))
      ? undefined
      : 'unable to parse startup options',
  'pve-hotplug-features': (value) => {
    const bad = value.split(/[,;\s]+/).find((part) => !/^([01]|network|disk|cpu|memory|usb|cloudinit)$/.test(part));
    return bad === undefined ? undefined : 'unable to parse hotplug option';
  },
  'pve-volume-id': matches(/^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i, (value) => `unable to parse volume ID '${value}'`),
  'pve-volume-id-or-qm-path': matches(
    /^(none|cdrom|cloudinit|\/.+|([^/:\s]+:)?\d+(\.\d+)?|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  'pve-volume-id-or-absolute-path': matches(
    /^(\/.+|[a-z][a-z0-9\-_.]*[a-z0-9]:.+)$/i,
    (value) => `unable to parse volume ID '${value}'`,
  ),
  'pve-qm-bootdev': matches(/^(ide|sata|scsi|virtio|net|usb|hostpci)\d+$/, (value) => `invalid boot device '${value}'`),
  'pve-qm-bootdisk': matches(/^(ide|sata|scsi|virtio)\d+$/, (value) => `invalid boot disk '${value}'`),
  'disk-size': matches(
    /^\d+(\.\d+)?([KMGT](iB)?)?$/,
    (value) => `value does not look like a valid disk size: ${value}`,
  ),
  'mac-addr': matches(/^[a-f0-9][02468ace](:[a-f0-9]{2}){5}$/i, 'value does not look like a valid unicast MAC address'),
  'dns-name': matches(DNS_NAME, 'value does not look like a valid DNS name'),
  urlencoded: matches(/^[-%a-zA-Z0-9_.!~*'()]*$/, (value) => `invalid urlencoded string: ${value}`),
  address: (value) =>
    V4.test(value) || V6.test(value) || DNS_NAME.test(value)
      ? undefined
      : `value does not look like a valid address: ${value}`,
  ipv4: matches(V4, 'value does not look like a valid IPv4 address'),
  ipv6: matches(V6, 'value does not look like a valid IPv6 address'),
  CIDR: (value) => (cidr(value) ? undefined : 'value does not look like a valid CIDR network'),
  'pve-ipv4-config': (value) =>
    /^(dhcp|manual)$/.test(value) || cidr(value)
      ? undefined
      : 'value does not look like a valid ipv4 network configuration',
  'pve-ipv6-config': (value) =>
    /^(auto|dhcp|manual)$/.test(value) || cidr(value)
      ? undefined
      : 'value does not look like a valid ipv6 network configuration',
  'pve-ha-resource-id': matches(/^[a-z]+:\S+$/, 'value does not look like a valid ha resource id'),
  'pve-ha-resource-or-vm-id': matches(/^([a-z]+:\S+|\d+)$/, 'value does not look like a valid ha resource id'),
  'pve-ha-node': HA_NODE,
  'pve-ha-group-node': HA_NODE,
  'pve-cpuset': matches(/^\s*\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*\s*$/, 'value does not look like a valid CPU set'),
  'storage-pair': matches(/^(1|[^:]+(:[^:]+)?)$/, (value) => `entry '${value}' contains invalid ID`),
  'pve-priv': matches(/^[A-Z]\w+(\.\w+)+$/, (value) => `invalid privilege '${value}'`),
  'pve-realm': matches(/^[a-zA-Z][a-zA-Z0-9.\-_]+$/, 'value does not look like a valid realm'),
  'pve-task-status-type': matches(/^(ok|error|warning|unknown)$/, 'value does not look like a valid task status type'),
  'pve-cpu-model': (value) =>
    MODEL.test(value) ? undefined : `Built-in cputype '${value}' is not defined (missing 'custom-' prefix?)`,
};

const TEXT = { type: 'string', optional: 1 } as const;
const FLAG = { type: 'boolean', optional: 1 } as const;
const BASE64 = { ...TEXT, pattern: '[A-Za-z0-9+/]+={0,2}' } as const;
const PCI = '(?:[0-9a-f]{4,}:)?[0-9a-f]{2}:[0-9a-f]{2}(?:\\.[0-9a-f])?';
const HEX = { ...TEXT, pattern: '0x[0-9a-fA-F]{4}' } as const;

/** Named formats that are property strings; the API viewer gives their names only. Source: qemu-server src/PVE. */
export const PROPERTY_FORMATS: Readonly<Record<string, Format>> = {
  'pve-qm-boot': {
    legacy: { ...TEXT, default_key: 1, pattern: '[acdn]{1,4}' },
    order: { ...TEXT, format: 'pve-qm-bootdev-list' },
  },
  'pve-vm-cpu-conf': {
    cputype: { ...TEXT, default_key: 1, format: 'pve-cpu-model' },
    hidden: FLAG,
    'hv-vendor-id': { ...TEXT, pattern: '[a-zA-Z0-9]{1,12}' },
    flags: { ...TEXT, pattern: '[+-][a-zA-Z0-9\\-_.]+(;[+-][a-zA-Z0-9\\-_.]+)*' },
    'guest-phys-bits': { type: 'integer', minimum: 32, maximum: 64, optional: 1 },
    'phys-bits': { ...TEXT, pattern: 'host|[89]|[1-5]\\d|6[0-4]' },
    level: { type: 'integer', minimum: 0, maximum: 4294967295, optional: 1 },
  },
  'pve-qm-smbios1': {
    uuid: { ...TEXT, pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}' },
    ...{
      version: BASE64,
      serial: BASE64,
      manufacturer: BASE64,
      product: BASE64,
      sku: BASE64,
      family: BASE64,
      base64: FLAG,
    },
  },
  'pve-qm-hostpci': {
    host: { ...TEXT, default_key: 1, pattern: `${PCI}(;${PCI})*` },
    mapping: { ...TEXT, format: 'pve-configid' },
    ...{ rombar: FLAG, pcie: FLAG, 'x-vga': FLAG, 'legacy-igd': FLAG },
    romfile: { ...TEXT, pattern: '[^,;]+' },
    mdev: { ...TEXT, pattern: '[^/.:]+' },
    ...{ 'vendor-id': HEX, 'device-id': HEX, 'sub-vendor-id': HEX, 'sub-device-id': HEX },
    driver: { ...TEXT, enum: ['vfio', 'keep'] },
  },
  'pve-qm-ipconfig': {
    ip: { ...TEXT, format: 'pve-ipv4-config' },
    gw: { ...TEXT, format: 'ipv4', requires: 'ip' },
    ip6: { ...TEXT, format: 'pve-ipv6-config' },
    gw6: { ...TEXT, format: 'ipv6', requires: 'ip6' },
  },
  'pve-qm-watchdog': {
    model: { ...TEXT, default_key: 1, enum: ['i6300esb', 'ib700'] },
    action: { ...TEXT, enum: ['reset', 'shutdown', 'poweroff', 'pause', 'debug', 'none'] },
  },
  'pve-qm-rng': {
    source: { type: 'string', default_key: 1, enum: ['/dev/urandom', '/dev/random', '/dev/hwrng'] },
    max_bytes: { type: 'integer', optional: 1 },
    period: { type: 'integer', optional: 1 },
  },
  'pve-qm-cicustom': {
    meta: { ...TEXT, format: 'pve-volume-id' },
    network: { ...TEXT, format: 'pve-volume-id' },
    user: { ...TEXT, format: 'pve-volume-id' },
    vendor: { ...TEXT, format: 'pve-volume-id' },
  },
};

/** Formats that are taken as they come: confidential computing is not simulated, and `cdrom` is an alias of ide2. */
export const UNCHECKED_FORMATS: readonly string[] = ['pve-qemu-sev-fmt', 'pve-qemu-tdx-fmt', 'pve-qm-ide'];
