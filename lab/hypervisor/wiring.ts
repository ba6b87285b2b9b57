import type { VirtualHardware } from '../hardware/hypervisor';

/** Network namespace of a VM. */
export const namespaceOf = (vmid: number): string => `vm-${vmid}`;

/** The host's end of a VM's NIC, named as Proxmox names it. */
export const tapOf = (vmid: number, nic: number): string => `tap${vmid}i${nic}`;

/** Proxmox: a NIC with MTU 1 takes that of its bridge. */
const MTU_OF_BRIDGE = 1;

/**
 * The Linux bridge behind a Proxmox bridge and a VLAN tag. A VLAN is a bridge of its own, `vmbr0v42`, as
 * Proxmox does for bridges that are not VLAN-aware (not every kernel filters VLANs on a bridge).
 */
export const bridgeName = (bridge: string, vlan?: number): string =>
  vlan === undefined ? bridge : `${bridge}v${vlan}`;

/** Lines for `ip -batch` that make a VM's namespace and join its NICs to their bridges. Guests see `eth0`, `eth1` …, down. */
export const plugIn = ({ vmid, nics }: VirtualHardware): readonly string[] => {
  const namespace = namespaceOf(vmid);
  return [
    `netns add ${namespace}`,
    ...nics.flatMap((nic, index) => {
      const tap = tapOf(vmid, index);
      const mtu = nic.mtu === undefined || nic.mtu === MTU_OF_BRIDGE ? '' : ` mtu ${nic.mtu}`;
      return [
        `link add ${tap}${mtu} type veth peer name eth${index} address ${nic.mac}${mtu} netns ${namespace}`,
        `link set ${tap} master ${bridgeName(nic.bridge, nic.vlan)} ${nic.linkDown ? 'down' : 'up'}`,
      ];
    }),
  ];
};

/** Lines for `ip -batch` that take it away again; links go at once, and not when the kernel comes to it. */
export const unplug = ({ vmid, nics }: VirtualHardware): readonly string[] => [
  ...nics.map((_, index) => `link del ${tapOf(vmid, index)}`),
  `netns del ${namespaceOf(vmid)}`,
];
