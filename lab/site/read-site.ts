import { createHash } from 'node:crypto';
import type { ChartRepositorySite, NetworkSite, NodeSite, ProxmoxSite, Site, StorageSite } from './site';
import { fromCloudInit, fromSchematic, type StaticNetwork } from './static-network';
import { blocks, isJson, references, TerraformJson, text, type Block, type Json } from './terraform-json';

/** A stack that can't be rehearsed, with every reason. */
export class SiteError extends Error {
  constructor(
    stack: string,
    readonly reasons: readonly string[],
  ) {
    super(`stack ${stack} can't be rehearsed:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`);
  }
}

const VM = 'proxmox_virtual_environment_vm';
/** Each resource under its new name and under the one before it. */
const IMAGE = ['proxmox_download_file', 'proxmox_virtual_environment_download_file'];
const FILE = ['proxmox_file', 'proxmox_virtual_environment_file'];
const DEFAULT_FACTORY = 'https://factory.talos.dev';
const DEFAULT_DISCOVERY = 'https://discovery.talos.dev';

const sorted = (values: Iterable<string | undefined>): string[] =>
  [...new Set([...values].filter((value) => value !== undefined))].sort();
const baseUrl = (url: string): string => new URL(url).origin;
const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

interface Machine {
  readonly body: Json;
  readonly network: StaticNetwork | undefined;
}

/**
 * Reads what a data centre must have from a synthesized stack.
 * @throws SiteError with all reasons at once where something that a rehearsal needs is not there
 */
export const readSite = (stack: string, json: unknown): Site => {
  const terraform = new TerraformJson(isJson(json) ? json : {});
  const reasons: string[] = [];
  const vms = terraform.resources(VM);
  const machines = vms.map((vm) => ({ body: vm.body, network: networkOf(terraform, vm) }));
  const proxmox = readProxmox(terraform, machines, reasons);
  const network = readNetwork(machines, reasons);
  const nodes = machines.flatMap((machine) => readNode(terraform, machine, reasons));
  if (vms.length === 0) reasons.push(`it has no ${VM}`);
  if (proxmox === undefined || network === undefined || reasons.length > 0) throw new SiteError(stack, reasons);
  return {
    stack,
    proxmox,
    imageFactories: readFactories(terraform),
    chartRepositories: readCharts(terraform),
    discovery: readDiscovery(terraform),
    network,
    nodes: nodes.sort((a, b) => a.role.localeCompare(b.role) || a.vmid - b.vmid),
    variables: terraform.openVariables(),
    providers: terraform.requiredProviders(),
  };
};

/** Follows a VM's disk to its image and to the schematic behind it; cloud-init else. */
const networkOf = (terraform: TerraformJson, vm: Block): StaticNetwork | undefined => {
  const schematics = terraform.resources('talos_image_factory_schematic');
  const imported = blocks(vm.body['disk']).flatMap((disk) => references(disk['import_from'] ?? disk['file_id']));
  const urls = terraform
    .resources(...IMAGE)
    .filter((image) => imported.some(({ type, name }) => type === image.type && name === image.name))
    .map((image) => text(image.body['url']) ?? '');
  const schematic = schematics.find(({ type, name, body }) =>
    urls.some(
      (url) =>
        references(url).some((reference) => reference.type === type && reference.name === name) ||
        url.includes(`/${idOf(text(body['schematic']) ?? '')}/`),
    ),
  );
  return fromSchematic(text(schematic?.body['schematic']) ?? '') ?? fromCloudInit(vm.body);
};

/** A schematic's id, where its text is already canonical. */
const idOf = (schematic: string): string => createHash('sha256').update(schematic).digest('hex');

const readProxmox = (
  terraform: TerraformJson,
  machines: readonly Machine[],
  reasons: string[],
): ProxmoxSite | undefined => {
  const endpoint = text(terraform.providers('proxmox')[0]?.['endpoint']);
  if (endpoint === undefined || !URL.canParse(endpoint) || endpoint.includes('${')) {
    reasons.push(`provider proxmox has the endpoint ${JSON.stringify(endpoint)}: a URL must be written in the spec`);
    return undefined;
  }
  const url = new URL(endpoint);
  const vms = machines.map(({ body }) => body);
  const files = terraform.resources(...IMAGE, ...FILE).map(({ body }) => body);
  const nics = vms.flatMap((vm) => blocks(vm['network_device']));
  return {
    endpoint: withoutSlash(endpoint),
    host: url.hostname,
    port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
    hosts: sorted([...vms, ...files].map((body) => text(body['node_name']))),
    storages: readStorages(vms, files),
    bridges: sorted(nics.map((nic) => text(nic['bridge']))),
    pools: sorted(vms.map((vm) => text(vm['pool_id']))),
  };
};

const readStorages = (vms: readonly Json[], files: readonly Json[]): StorageSite[] => {
  const uses = [
    ...vms.flatMap((vm) =>
      ['disk', 'efi_disk', 'tpm_state', 'initialization']
        .flatMap((block) => blocks(vm[block]))
        .map((block) => ({ name: text(block['datastore_id']), content: 'images' })),
    ),
    ...files.map((file) => ({ name: text(file['datastore_id']), content: text(file['content_type']) ?? 'iso' })),
  ];
  return sorted(uses.map(({ name }) => name)).map((name) => ({
    name,
    content: sorted(uses.filter((use) => use.name === name).map(({ content }) => content)),
  }));
};

const readNetwork = (machines: readonly Machine[], reasons: string[]): NetworkSite | undefined => {
  const networks = machines.flatMap(({ body, network }) => {
    const [nic] = blocks(body['network_device']);
    if (network === undefined) return [];
    const vlan = typeof nic?.['vlan_id'] === 'number' && nic['vlan_id'] > 0 ? { vlan: nic['vlan_id'] } : {};
    return [{ bridge: text(nic?.['bridge']) ?? 'vmbr0', ...vlan, gateway: network.gateway, prefix: network.prefix }];
  });
  const different = [...new Set(networks.map((network) => JSON.stringify(network)))];
  if (different.length > 1) {
    reasons.push(`its nodes are in ${different.length} networks (${different.join(', ')}): the lab has one`);
  }
  return networks[0];
};

const readNode = (terraform: TerraformJson, { body, network }: Machine, reasons: string[]): NodeSite[] => {
  const vmName = text(body['name']) ?? '';
  const vmid = Number(body['vm_id']);
  if (!Number.isInteger(vmid)) {
    reasons.push(`VM "${vmName}" has no vm_id`);
    return [];
  }
  if (network === undefined) {
    reasons.push(
      `VM ${vmid} "${vmName}" has no static address: neither META key 10 in its image's schematic nor cloud-init`,
    );
    return [];
  }
  const apply = terraform
    .resources('talos_machine_configuration_apply')
    .find((block) => text(block.body['node']) === network.address);
  const config = references(apply?.body['machine_configuration_input']);
  const source = terraform
    .dataSources('talos_machine_configuration')
    .find(({ name }) => config.some((ref) => ref.name === name));
  return [
    {
      name: network.hostname ?? vmName,
      vmid,
      vmName,
      host: text(body['node_name']) ?? '',
      address: network.address,
      role: text(source?.body['machine_type']) === 'controlplane' ? 'controlplane' : 'worker',
    },
  ];
};

const readFactories = (terraform: TerraformJson): string[] =>
  sorted(
    [
      ...terraform.providers('talos').map((provider) => text(provider['image_factory_url']) ?? DEFAULT_FACTORY),
      ...terraform.resources(...IMAGE).map(({ body }) => text(body['url'])),
    ].map((url) => (url === undefined ? undefined : baseUrl(url))),
  );

const readCharts = (terraform: TerraformJson): ChartRepositorySite[] => {
  const releases = terraform.resources('helm_release').flatMap(({ body }) => {
    const url = text(body['repository']);
    return url === undefined || !/^https?:/.test(url)
      ? []
      : [{ url: withoutSlash(url), chart: { name: text(body['chart']) ?? '', version: text(body['version']) ?? '' } }];
  });
  return sorted(releases.map(({ url }) => url)).map((url) => ({
    url,
    host: new URL(url).hostname,
    charts: releases.filter((release) => release.url === url).map(({ chart }) => chart),
  }));
};

const ENDPOINT = /["']?discovery["']?:[\s\S]*?["']?endpoint["']?:\s*["']?(https:\/\/[^\s"',}]+)/;

/** The service that a machine config patch names, or Talos' own. */
const readDiscovery = (terraform: TerraformJson): string => {
  const patches = terraform.dataSources('talos_machine_configuration').flatMap(({ body }) => {
    const list = body['config_patches'];
    return Array.isArray(list) ? list.filter((patch) => typeof patch === 'string') : [];
  });
  const named = patches.map((patch) => ENDPOINT.exec(patch)?.[1]).find((url) => url !== undefined);
  return baseUrl(named ?? DEFAULT_DISCOVERY);
};
