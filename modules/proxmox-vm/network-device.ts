import type { VirtualEnvironmentVmNetworkDevice } from '@cdktf/provider-proxmox/lib/virtual-environment-vm';

/**
 * A virtio NIC at a bridge. The provider's schema has this as a list of objects and not as a block: Terraform's JSON
 * syntax then wants every field, and takes null for "not set". cdktf keeps null and drops undefined.
 */
export const networkDevice = (bridge: string): VirtualEnvironmentVmNetworkDevice => {
  const unset = null as never;
  return {
    bridge,
    model: 'virtio',
    firewall: false,
    disconnected: false,
    enabled: unset,
    macAddress: unset,
    mtu: unset,
    queues: unset,
    rateLimit: unset,
    trunks: unset,
    vlanId: unset,
  };
};
