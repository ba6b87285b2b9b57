import {
  VirtualEnvironmentVm,
  type VirtualEnvironmentVmInitialization,
} from '@cdktf/provider-proxmox/lib/virtual-environment-vm';
import { DataResource, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { NetworkPlan, NodePlan, ProxmoxPlan } from '../model/cluster-plan';
import type { ExistingMachines } from './existing-machines';
import { HighAvailability } from './high-availability';
import { networkDevice } from './network-device';

export interface VirtualMachineProps {
  readonly node: NodePlan;
  readonly proxmox: ProxmoxPlan;
  /** Volume id of the disk image, as `local:import/talos-1.13.9-0123456789ab-amd64.qcow2`. */
  readonly imageId: string;
  /** True: the VM has a virtual TPM. @default false */
  readonly tpm?: boolean;
  /** Given where the image does not hold the node's address: the network that a cloud-init drive tells it. */
  readonly cloudInit?: NetworkPlan;
  /** What is in Proxmox already. */
  readonly existing: ExistingMachines;
}

/**
 * A drive from which images of Talos' platform `nocloud` read their address before they have a config. Proxmox makes it of
 * these fields: no snippet has to be brought to the host, which would take SSH.
 */
const initialization = (
  { address }: NodePlan,
  { diskStorage }: ProxmoxPlan,
  { cidr, gateway, nameServers }: NetworkPlan,
): VirtualEnvironmentVmInitialization => ({
  datastoreId: diskStorage,
  ipConfig: [{ ipv4: { address: `${address.toString()}/${cidr.prefixLength}`, gateway: gateway.toString() } }],
  dns: { servers: nameServers.map(String) },
});

/** A virtual machine on a Proxmox host that boots from a disk made of an image. */
export class VirtualMachine extends Construct {
  readonly created: ITerraformDependable;
  /**
   * Address of a resource that is replaced when, and only when, there is a new machine in place of the old one: for
   * `replaceTriggeredBy`. The VM itself would not do there: as a whole it speaks at a mere change of tags, and by its id
   * it is silent where it was lost outside Terraform, since what is created triggers nothing.
   */
  readonly identity: string;

  constructor(scope: Construct, id: string, props: VirtualMachineProps) {
    super(scope, id);
    const { node, proxmox, imageId, existing, tpm = false, cloudInit } = props;
    const { scsiController: scsiHardware } = proxmox;
    // Without a controller for each disk there is no I/O thread.
    const disk = { iothread: scsiHardware === 'virtio-scsi-single', ssd: true, discard: 'on' };
    const vm = new VirtualEnvironmentVm(this, 'Resource', {
      name: node.vmName,
      description: `Talos ${node.role} ${node.name}, made by Terraform`,
      nodeName: node.host,
      // Always given: two creates at once may be handed the same free id, and the provider takes a VM that is there
      // already for its own.
      vmId: node.vmId,
      // Sorted, as Proxmox VE returns them.
      tags: [proxmox.tag, node.role].sort(),
      // On an arm64 host the processor is arm64 without a word of it; only root may set `cpu.architecture`.
      machine: node.architecture === 'arm64' ? 'virt' : 'q35',
      bios: 'ovmf',
      efiDisk: { datastoreId: proxmox.diskStorage, type: '4m', preEnrolledKeys: false },
      ...(tpm && { tpmState: { datastoreId: proxmox.diskStorage, version: 'v2.0' } }),
      operatingSystem: { type: 'l26' },
      cpu: { cores: node.size.cores, type: 'host' },
      memory: { dedicated: node.size.memoryMiB },
      scsiHardware,
      bootOrder: ['scsi0'],
      disk: [
        {
          interface: 'scsi0',
          datastoreId: proxmox.diskStorage,
          importFromAttribute: imageId,
          size: node.size.diskGiB,
          ...disk,
        },
        ...node.disks.map(({ slot, storage, sizeGiB }) => ({
          interface: `scsi${slot}`,
          datastoreId: storage,
          size: sizeGiB,
          ...disk,
        })),
      ],
      ...(node.pciDevices.length > 0 && {
        hostpci: node.pciDevices.map((mapping, index) => ({
          device: `hostpci${index}`,
          mapping,
          pcie: true,
          // Proxmox' own default; the provider turns the device's ROM off where nothing is said.
          rombar: true,
        })),
      }),
      ...(proxmox.pool !== undefined && { poolId: proxmox.pool }),
      ...(node.startOrder !== undefined && { startup: { order: node.startOrder } }),
      ...(cloudInit !== undefined && { initialization: initialization(node, proxmox, cloudInit) }),
      networkDevice: node.networkCards.map(networkDevice),
      // The agent is an extension of the image. Whether it answers before the config is applied differs between
      // machines, and the config is applied after this resource: never wait for it.
      agent: { enabled: true, waitForIp: { disabled: true } },
      onBoot: true,
      // To destroy is to destroy: no wait for a guest that may not listen. A node that is to go is drained before.
      stopOnDestroy: true,
      // Else a change of memory would restart all control planes together.
      rebootAfterUpdate: false,
      // Another host is a move, not another machine.
      migrate: true,
      ...(node.protection && { protection: true }),
      lifecycle: {
        // Proxmox alone would refuse too late: the provider stops a machine before it asks for its end.
        ...(node.protection && { preventDestroy: true }),
        // A disk is imported once. Another image is an upgrade, which goes by the Talos API: here it would look like a
        // change and do nothing. A machine that is made anew takes the newest image.
        ignoreChanges: ['disk[0].import_from'],
        precondition: [existing.ownOrAbsent(node, proxmox)],
      },
    });
    this.created = vm;
    if (node.highAvailability) new HighAvailability(this, 'HighAvailability', { node, proxmox, vm });
    // The id of a machine that is yet to be made is unknown, and so a difference.
    const identity = new DataResource(this, 'Identity', { triggersReplace: { vm: vm.id } });
    this.identity = `${identity.terraformResourceType}.${identity.friendlyUniqueId}`;
  }
}
