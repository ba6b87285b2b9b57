import { createHash } from 'node:crypto';
import { parse } from 'yaml';
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
const HA_RESOURCE = ['proxmox_haresource', 'proxmox_virtual_environment_haresource'];
const DEFAULT_FACTORY = 'https://factory.talos.dev';
const DEFAULT_DISCOVERY = 'https://discovery.talos.dev';

const sorted = (values: Iterable<string | undefined>): string[] =>
  [...new Set([...values].filter((value) => value !== undefined))].sort();
const baseUrl = (url: string): string => new URL(url).origin;
const named = <Name extends string>(name: Name, values: readonly string[]): Partial<Record<Name, readonly string[]>> =>
  values.length === 0 ? {} : ({ [name]: values } as Record<Name, readonly string[]>);
const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/**
 * Reads what a data centre must have from a synthesized stack.
 * @throws SiteError with all reasons at once where something that a rehearsal needs is not there
 */
export const readSite = (stack: string, json: unknown): Site => {
  const terraform = new TerraformJson(isJson(json) ? json : {});
  const reasons: string[] = [];
  const vms = terraform.resources(VM);
  const machines = vms.map((vm) => readMachine(terraform, vm));
  const proxmox = readProxmox(terraform, machines, reasons);
  const network = readNetwork(machines, reasons);
  const nodes = machines.flatMap((machine) => readNode(terraform, machine, reasons));
  const chartRepositories = readCharts(terraform, reasons);
  if (vms.length === 0) reasons.push(`it has no ${VM}`);
  if (proxmox === undefined || network === undefined || reasons.length > 0) throw new SiteError(stack, reasons);
  return {
    stack,
    proxmox,
    imageFactories: readFactories(terraform),
    ...named('unverifiedFactories', readUnverified(terraform)),
    chartRepositories,
    discovery: readDiscovery(terraform),
    network,
    nodes: nodes.sort((a, b) => a.role.localeCompare(b.role) || a.vmid - b.vmid),
    variables: terraform.openVariables(),
    providers: terraform.requiredProviders(),
  };
};

interface Machine {
  readonly body: Json;
  /** The download that its disk is made of. */
  readonly image: Json | undefined;
  readonly network: StaticNetwork | undefined;
}

/** Follows a VM's disk to its image and to the schematic behind it; cloud-init else. */
const readMachine = (terraform: TerraformJson, { body }: Block): Machine => {
  const sources = blocks(body['disk']).map((disk) => text(disk['import_from']) ?? text(disk['file_id']) ?? '');
  const image = terraform.resources(...IMAGE).find((download) => {
    const volume = `:${text(download.body['content_type']) ?? ''}/${text(download.body['file_name']) ?? ''}`;
    return sources.some((source) => source.endsWith(volume) || refersTo(source, download));
  });
  const url = text(image?.body['url']) ?? '';
  const schematic = terraform
    .resources('talos_image_factory_schematic')
    .find((block) => refersTo(url, block) || url.includes(`/${idOf(text(block.body['schematic']) ?? '')}/`));
  const network = fromSchematic(text(schematic?.body['schematic']) ?? '') ?? fromCloudInit(body);
  return { body, image: image?.body, network };
};

const refersTo = (value: string, { type, name }: Block): boolean =>
  references(value).some((reference) => reference.type === type && reference.name === name);

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
    storages: readStorages(machines, files),
    bridges: sorted(nics.map((nic) => text(nic['bridge']))),
    pools: sorted(vms.map((vm) => text(vm['pool_id']))),
    pciMappings: sorted(vms.flatMap((vm) => blocks(vm['hostpci']).map((device) => text(device['mapping'])))),
    highAvailability: terraform.resources(...HA_RESOURCE).length > 0,
    ...(vms.some((vm) => blocks(vm['initialization']).length > 0) ? { cloudInit: true } : {}),
    ...(vms.some((vm) => blocks(vm['startup']).length > 0) ? { startOrder: true } : {}),
    // QEMU's machine type of arm64: on other hosts it starts nothing.
    ...named('arm64Hosts', sorted(vms.filter((vm) => vm['machine'] === 'virt').map((vm) => text(vm['node_name'])))),
  };
};

const readStorages = (machines: readonly Machine[], files: readonly Json[]): StorageSite[] => {
  const uses = [
    ...machines.flatMap(({ body }) =>
      ['disk', 'efi_disk', 'tpm_state', 'initialization']
        .flatMap((block) => blocks(body[block]))
        .map((block) => ({ name: text(block['datastore_id']), content: 'images' })),
    ),
    ...files.map((file) => ({ name: text(file['datastore_id']), content: text(file['content_type']) ?? 'iso' })),
  ];
  return sorted(uses.map(({ name }) => name)).map((name) => ({
    name,
    content: sorted(uses.filter((use) => use.name === name).map(({ content }) => content)),
    shared: machines.some(
      ({ body, image }) => image?.['datastore_id'] === name && image['node_name'] !== body['node_name'],
    ),
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
      name: network.hostname ?? hostnameIn(source?.body ?? {}) ?? vmName,
      vmid,
      vmName,
      host: text(body['node_name']) ?? '',
      address: network.address,
      role: text(source?.body['machine_type']) === 'controlplane' ? 'controlplane' : 'worker',
    },
  ];
};

/** The name that a machine config gives: the only one where cloud-init has told the address, and Proxmox the VM's name. */
const hostnameIn = ({ config_patches: patches }: Json): string | undefined =>
  (Array.isArray(patches) ? patches : [])
    .filter((patch) => typeof patch === 'string')
    .map(
      (patch) => (parse(patch) as { machine?: { network?: { hostname?: string } } } | null)?.machine?.network?.hostname,
    )
    .find((hostname) => hostname !== undefined);

const readFactories = (terraform: TerraformJson): string[] =>
  sorted(
    [
      ...terraform.providers('talos').map((provider) => text(provider['image_factory_url']) ?? DEFAULT_FACTORY),
      ...terraform.resources(...IMAGE).map(({ body }) => text(body['url'])),
    ].map((url) => (url === undefined ? undefined : baseUrl(url))),
  );

const readUnverified = (terraform: TerraformJson): string[] =>
  sorted(
    terraform
      .resources(...IMAGE)
      .filter(({ body }) => body['verify'] === false && text(body['url'])?.startsWith('https:') === true)
      .map(({ body }) => baseUrl(text(body['url']) ?? '')),
  );

const readCharts = (terraform: TerraformJson, reasons: string[]): ChartRepositorySite[] => {
  const releases = terraform.resources('helm_release').flatMap(({ body }) => {
    const url = text(body['repository']);
    if (url?.startsWith('oci:') === true)
      reasons.push(
        `release "${text(body['name']) ?? ''}" has its chart from ${url}: the lab serves charts by HTTPS alone`,
      );
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
