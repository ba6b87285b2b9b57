import { stringify } from 'yaml';
import type { NetworkPlan, NodePlan } from '../modules/model/cluster-plan';

/**
 * META key of the platform network configuration, 0xa. Only images of the platform `metal` read it.
 * Source: siderolabs/talos pkg/machinery/meta/constants.go.
 */
export const META_KEY_NETWORK = 10;

/** The name that the kernel gives the first NIC when it boots with `net.ifnames=0`. */
const LINK = 'eth0';
/** Of the layers that Talos merges, the one that a platform may write; machine config stands above it. */
const layer = 'platform';

/**
 * Value of META key 10: the static network that a node has from its first boot on, with no DHCP.
 *
 * Fields and their values are Talos' `PlatformConfigSpec` (pkg/machinery/resources/network/platform_config.go); one bad value and
 * Talos takes none of it.
 */
export const platformNetworkConfig = (
  { name, address }: Pick<NodePlan, 'name' | 'address'>,
  { cidr, gateway, nameServers, timeServers }: NetworkPlan,
): string =>
  stringify({
    addresses: [
      {
        address: `${address.toString()}/${cidr.prefixLength}`,
        linkName: LINK,
        family: 'inet4',
        scope: 'global',
        flags: 'permanent',
        layer,
      },
    ],
    links: [{ name: LINK, logical: false, up: true, mtu: 0, kind: '', type: 'ether', layer }],
    routes: [
      {
        family: 'inet4',
        dst: '', // the default route
        src: '',
        gateway: gateway.toString(),
        outLinkName: LINK,
        table: 'main',
        priority: 1024,
        scope: 'global',
        type: 'unicast',
        flags: '',
        protocol: 'static',
        layer,
      },
    ],
    hostnames: [{ hostname: name, domainname: '', layer }],
    resolvers: [{ dnsServers: nameServers.map(String), layer }],
    timeServers: [{ timeServers, layer }],
  });
