import { DEPLOY_TOKEN, ROOT_TOKEN } from '../data-centre';
import { IMAGE_URL } from '../images';

type Json = Readonly<Record<string, unknown>>;

export interface Step {
  /** The recording is `<scenario>-<step>.json`. */
  readonly step: string;
  readonly run: 'apply' | 'plan' | 'destroy' | 'failing-apply';
  readonly resources?: Json;
  readonly data?: Json;
}

/** One Terraform state, taken through several steps. */
export interface Scenario {
  readonly scenario: string;
  /** API token, or `password` for root with one. */
  readonly credential: string;
  readonly steps: readonly Step[];
}

const FILE = 'proxmox_virtual_environment_download_file';
const VM = 'proxmox_virtual_environment_vm';

const image = {
  node_name: 'pve1',
  datastore_id: 'local',
  content_type: 'import',
  file_name: 'talos-v1.13.9-613e1592b2da-amd64.qcow2',
  url: IMAGE_URL,
};

/** An attribute in the dress of a block: the JSON syntax wants every key of it. */
const nic = {
  ...{ bridge: 'vmbr0', model: 'virtio', enabled: true, firewall: false, disconnected: false },
  ...{ mac_address: null, mtu: null, queues: null, rate_limit: null, trunks: null, vlan_id: null },
};

const systemDisk = {
  ...{ datastore_id: 'local-lvm', interface: 'scsi0', size: 40, iothread: true, ssd: true, discard: 'on' },
  import_from: `\${${FILE}.talos.id}`,
};

/** T-9, as the constructs make it. */
const talosVm = (more: Json = {}): Json => ({
  name: 'talos-controlplane0',
  node_name: 'pve1',
  vm_id: 200,
  machine: 'q35',
  bios: 'ovmf',
  scsi_hardware: 'virtio-scsi-single',
  on_boot: true,
  started: true,
  stop_on_destroy: true,
  reboot_after_update: false,
  tags: ['groundwork', 'talos', 'controlplane'],
  operating_system: { type: 'l26' },
  cpu: { type: 'host', cores: 4 },
  memory: { dedicated: 4096 },
  agent: { enabled: true, wait_for_ip: { disabled: true } },
  efi_disk: { datastore_id: 'local-lvm', type: '4m', pre_enrolled_keys: false },
  network_device: [nic],
  disk: [systemDisk],
  ...more,
});

const smallVm = (more: Json = {}): Json => ({
  name: 'small',
  node_name: 'pve1',
  stop_on_destroy: true,
  memory: { dedicated: 2048 },
  disk: [{ datastore_id: 'local', interface: 'scsi0', size: 8, file_format: 'qcow2' }],
  network_device: [nic],
  ...more,
});

const withImage = (vm: Json): Json => ({ [FILE]: { talos: image }, [VM]: { controlplane0: vm } });

const pool = { proxmox_virtual_environment_pool: { extra: { pool_id: 'extra', comment: 'made by Terraform' } } };
const ha = (comment: string): Json => ({
  proxmox_virtual_environment_haresource: {
    small: { resource_id: `vm:\${${VM}.small.id}`, state: 'started', comment },
  },
  proxmox_virtual_environment_harule: {
    spread: {
      rule: 'spread',
      type: 'node-affinity',
      resources: ['${proxmox_virtual_environment_haresource.small.resource_id}'],
      nodes: { pve1: 2, pve2: null },
      comment,
    },
  },
});

export const SCENARIOS: readonly Scenario[] = [
  {
    scenario: 'talos',
    credential: DEPLOY_TOKEN,
    steps: [
      { step: 'create', run: 'apply', resources: withImage(talosVm()) },
      { step: 'plan', run: 'plan', resources: withImage(talosVm()) },
      { step: 'describe', run: 'apply', resources: withImage(talosVm({ description: 'first', tags: ['groundwork'] })) },
      {
        step: 'grow',
        run: 'apply',
        resources: withImage(
          talosVm({
            ...{ description: 'first', tags: ['groundwork'], reboot_after_update: true, memory: { dedicated: 8192 } },
            disk: [{ ...systemDisk, size: 50 }],
          }),
        ),
      },
      { step: 'destroy', run: 'destroy', resources: withImage(talosVm()) },
    ],
  },
  {
    scenario: 'site',
    credential: 'password',
    steps: [
      {
        step: 'read',
        run: 'apply',
        data: {
          proxmox_virtual_environment_nodes: { all: {} },
          proxmox_virtual_environment_version: { this: {} },
          proxmox_virtual_environment_datastores: { all: { node_name: 'pve1' } },
          proxmox_virtual_environment_pools: { all: {} },
          proxmox_virtual_environment_vms: { all: {} },
        },
      },
    ],
  },
  {
    scenario: 'pooled',
    credential: ROOT_TOKEN,
    steps: [
      {
        step: 'create',
        run: 'apply',
        resources: {
          ...pool,
          ...ha('first'),
          [VM]: {
            small: smallVm({
              pool_id: '${proxmox_virtual_environment_pool.extra.pool_id}',
              agent: { enabled: true, timeout: '1s' },
              serial_device: [{}],
              disk: [
                { datastore_id: 'local', interface: 'scsi0', size: 8, file_format: 'qcow2' },
                { datastore_id: 'local-lvm', interface: 'scsi1', size: 2 },
              ],
              initialization: {
                datastore_id: 'local-lvm',
                ip_config: { ipv4: { address: '10.0.1.1/16', gateway: '10.0.0.1' } },
              },
            }),
          },
        },
      },
      {
        step: 'change',
        run: 'apply',
        resources: {
          ...pool,
          ...ha('second'),
          [VM]: {
            small: smallVm({
              pool_id: 'talos',
              agent: { enabled: true, timeout: '1s' },
              serial_device: [{}],
              disk: [{ datastore_id: 'nas', interface: 'scsi0', size: 8, file_format: 'qcow2' }],
              initialization: {
                datastore_id: 'local-lvm',
                ip_config: { ipv4: { address: '10.0.1.2/16', gateway: '10.0.0.1' } },
              },
            }),
          },
        },
      },
      { step: 'destroy', run: 'destroy' },
    ],
  },
  {
    scenario: 'moved',
    credential: ROOT_TOKEN,
    steps: [
      { step: 'create', run: 'apply', resources: { [VM]: { small: smallVm({ migrate: true }) } } },
      { step: 'migrate', run: 'apply', resources: { [VM]: { small: smallVm({ migrate: true, node_name: 'pve2' }) } } },
      { step: 'destroy', run: 'destroy' },
    ],
  },
  {
    scenario: 'broken',
    credential: ROOT_TOKEN,
    steps: [
      {
        step: 'download',
        run: 'failing-apply',
        resources: { [FILE]: { talos: { ...image, checksum: '0'.repeat(64), checksum_algorithm: 'sha256' } } },
      },
    ],
  },
];
