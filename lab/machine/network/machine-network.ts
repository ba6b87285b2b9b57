import { writeFileSync } from 'node:fs';
import { runProgram } from '../run-program';
import { NO_NETWORK, type LinkAddress, type NetworkConfig, type Route } from './network-config';
import type { PhysicalLink } from './config-network';

/** Runs `ip` with these arguments, and `input` on its standard input; resolves with its output. */
export type RunIp = (args: readonly string[], input?: string) => Promise<string>;

export const runIp: RunIp = async (args, input = '') => {
  const { status, output, faults } = await runProgram('ip', args, input);
  if (status !== 0) throw new Error(faults === '' ? `ip ended with status ${status}` : faults);
  return output;
};

/** Makes the kernel tell its neighbours of a change of a link, as `sysctl net.ipv4.conf.<link>.arp_notify=1`. */
export const notifyOnChange = (link: string): void => writeFileSync(`/proc/sys/net/ipv4/conf/${link}/arp_notify`, '1');

/** As `ip -j address show` lists an interface. */
export interface IpInterface {
  readonly ifname: string;
  readonly link_type: string;
  readonly address?: string;
  readonly addr_info: readonly {
    readonly family: string;
    readonly local: string;
    readonly prefixlen: number;
    readonly scope?: string;
  }[];
}

/** NICs by the names that they have before and after a boot. */
const NIC = /^(eth\d+|enp\d+s\d+)$/;

/** Predictable name of the first NIC of a q35 VM of Proxmox (bus 6, slot 18); the next ones count up. */
const predictableName = (index: number): string => `enp6s${18 + index}`;

const addressKey = ({ link, cidr }: LinkAddress): string => `${cidr} dev ${link}`;
const routeKey = ({ link, destination, gateway, source, metric }: Route): string =>
  `${destination}${gateway === '' ? '' : ` via ${gateway}`} dev ${link}${source === '' ? '' : ` src ${source}`} metric ${metric}`;

/** The links, addresses and routes of the machine's own network namespace. */
export class MachineNetwork {
  private wanted: NetworkConfig = NO_NETWORK;
  private links: readonly PhysicalLink[] = [];

  constructor(
    private readonly ip: RunIp,
    private readonly log: (line: string) => void,
    private readonly notifyOnChange: (link: string) => void = () => undefined,
  ) {}

  get physical(): readonly PhysicalLink[] {
    return this.links;
  }
  /** Address of the machine, without mask; undefined where no layer gave one to a link that exists. */
  get address(): string | undefined {
    const own = this.wanted.addresses.find(({ link }) => this.links.some(({ name }) => name === link));
    return own?.cidr.split('/')[0];
  }
  get hostname(): string | undefined {
    return this.wanted.hostname;
  }

  async interfaces(): Promise<readonly IpInterface[]> {
    return JSON.parse(await this.ip(['-j', 'address', 'show'])) as readonly IpInterface[];
  }

  /**
   * Names the NICs as the kernel would (`eth0` only with `net.ifnames=0`), sets them up and takes away what an
   * earlier boot left on them: Talos brings all physical links up, and nothing survives a boot.
   */
  async boot(kernelArgs: readonly string[]): Promise<void> {
    const nics = (await this.interfaces())
      .filter(({ ifname }) => NIC.test(ifname))
      .sort((a, b) => (a.ifname < b.ifname ? -1 : 1));
    const commands: string[] = [];
    this.links = nics.map(({ ifname, address }, index) => {
      const name = kernelArgs.includes('net.ifnames=0') ? `eth${index}` : predictableName(index);
      commands.push(`address flush dev ${ifname}`);
      if (name !== ifname) commands.push(`link set ${ifname} down`, `link set ${ifname} name ${name}`);
      commands.push(`link set ${name} up`);
      return { name, mac: address ?? '' };
    });
    this.wanted = NO_NETWORK;
    await this.batch(commands);
  }

  /** Makes the layers true, lowest first: what none of them asks for any more is taken away. */
  async apply(layers: readonly NetworkConfig[]): Promise<void> {
    const wanted: NetworkConfig = {
      links: layers.flatMap(({ links }) => links),
      addresses: layers.flatMap(({ addresses }) => addresses),
      routes: layers.flatMap(({ routes }) => routes),
      hostname: layers.map(({ hostname }) => hostname).findLast((hostname) => hostname !== undefined),
      shared: layers.flatMap(({ shared }) => shared),
      ignored: layers.flatMap(({ ignored }) => ignored),
    };
    const exists = ({ link }: { readonly link: string }): boolean => this.links.some(({ name }) => name === link);
    for (const link of new Set(
      [...wanted.addresses, ...wanted.routes, ...wanted.links].filter((item) => !exists(item)).map((item) => item.link),
    ))
      this.log(
        `no link is named "${link}": its settings wait (links: ${this.links.map(({ name }) => name).join(', ')})`,
      );
    for (const what of wanted.ignored) this.log(`not part of the lab, left out: ${what}`);

    const before = {
      addresses: this.wanted.addresses.filter(exists).map(addressKey),
      routes: this.wanted.routes.filter(exists).map(routeKey),
    };
    const after = {
      addresses: [...new Set(wanted.addresses.filter(exists).map(addressKey))],
      routes: [...new Set(wanted.routes.filter(exists).map(routeKey))],
    };
    await this.batch([
      ...wanted.links
        .filter(exists)
        .map(({ link, up, mtu }) => `link set ${link} ${up ? 'up' : 'down'}${mtu === 0 ? '' : ` mtu ${mtu}`}`),
      ...before.routes.filter((key) => !after.routes.includes(key)).map((key) => `route del ${key}`),
      ...before.addresses.filter((key) => !after.addresses.includes(key)).map((key) => `address del ${key}`),
      ...after.addresses.filter((key) => !before.addresses.includes(key)).map((key) => `address replace ${key}`),
      ...after.routes.filter((key) => !before.routes.includes(key)).map((key) => `route replace ${key}`),
    ]);
    this.wanted = wanted;
  }

  /**
   * Gratuitous ARP for an address that has just come to this machine, so that neighbours forget who had it. The kernel
   * sends it, for all addresses of a link whose hardware address is set, if only to the same.
   */
  async announce(address: string): Promise<void> {
    const link = this.wanted.addresses.find(({ cidr }) => cidr.split('/')[0] === address)?.link;
    const own = this.links.find(({ name }) => name === link);
    if (own === undefined) return;
    this.notifyOnChange(own.name);
    await this.batch([`link set ${own.name} address ${own.mac}`]);
  }

  /** One process for all commands; what fails is logged, and the rest is done. */
  private async batch(commands: readonly string[]): Promise<void> {
    if (commands.length === 0) return;
    await this.ip(['-force', '-batch', '-'], `${commands.join('\n')}\n`).catch((fault: unknown) => {
      this.log(`network: ${(fault as Error).message.replaceAll('\n', '; ')}`);
    });
  }
}
