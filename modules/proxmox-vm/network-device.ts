import type { VirtualEnvironmentVmNetworkDevice } from '@cdktf/provider-proxmox/lib/virtual-environment-vm';
import type { NetworkCardPlan } from '../model/cluster-plan';

/**
 * A virtio NIC at a bridge. The provider's schema has this as a list of objects and not as a block: Terraform's JSON
 * syntax then wants every field, and takes null for "not set". cdktf keeps null and drops undefined.
 */
export const networkDevice = ({
  bridge,
  firewall,
  mac,
  mtu,
  vlan,
}: NetworkCardPlan): VirtualEnvironmentVmNetworkDevice => {
  const unset = null as never;
  return {
    bridge,
    model: 'virtio',
    firewall,
    disconnected: false,
    enabled: unset,
    macAddress: mac ?? unset,
    mtu: mtu ?? unset,
    queues: unset,
    rateLimit: unset,
    trunks: unset,
    vlanId: vlan ?? unset,
  };
};
