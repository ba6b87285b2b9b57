/**
 * What a virtual machine is made of, and who runs it. The Proxmox simulator knows configs, disks and tasks;
 * a `Hypervisor` turns one config into a running machine, which here is a network namespace with processes.
 */

/** A disk: a folder that holds `disk.json` (see disk.ts) and one folder per partition that the guest made. */
export interface VirtualDisk {
  /** Proxmox' drive name, as `scsi0`. */
  readonly device: string;
  /** Absolute path of the disk's folder. */
  readonly path: string;
}

export interface VirtualNic {
  /** Upper case, colon-separated. */
  readonly mac: string;
  readonly bridge: string;
  readonly vlan?: number;
  readonly mtu?: number;
  /** True for `link_down=1`. */
  readonly linkDown: boolean;
}

/** One VM as it is handed to the hypervisor at power-on; later changes of the config wait for the next one. */
export interface VirtualHardware {
  readonly vmid: number;
  /** Proxmox host that it runs on. */
  readonly host: string;
  readonly name: string;
  /** From `smbios1`. */
  readonly uuid: string;
  readonly cores: number;
  readonly memoryMiB: number;
  /** In boot order: the first disk that holds an image is booted. */
  readonly disks: readonly VirtualDisk[];
  readonly nics: readonly VirtualNic[];
  /** @default 'amd64' */
  readonly architecture?: 'amd64' | 'arm64';
  /** True: a virtual TPM 2.0 is plugged in. @default false */
  readonly tpm?: boolean;
  /** True where the config says `agent=enabled=1`. */
  readonly agent: boolean;
  /** What a cloud-init drive tells the guest, by Proxmox' option: `ipconfig0`, `nameserver`, `searchdomain`, `sshkeys`. */
  readonly cloudInit?: Readonly<Record<string, string>>;
}

/** One interface as the QEMU guest agent lists it (`guest-network-get-interfaces`). */
export interface AgentInterface {
  readonly name: string;
  readonly 'hardware-address': string;
  readonly 'ip-addresses': readonly {
    readonly 'ip-address': string;
    readonly 'ip-address-type': 'ipv4' | 'ipv6';
    readonly prefix: number;
  }[];
}

export interface Hypervisor {
  /** Power on. Resolves once the machine's process runs; rejects where it can't be started. */
  start(hardware: VirtualHardware): Promise<void>;
  /** Pull the plug: every process of the VM is gone when it resolves. No error where it is off. */
  stop(vmid: number): Promise<void>;
  /** ACPI shutdown. Resolves to true when the machine went off within the time, else to false. */
  shutdown(vmid: number, timeoutMs: number): Promise<boolean>;
  isRunning(vmid: number): boolean;
  /** Seconds since power-on, 0 where off. */
  uptime(vmid: number): number;
  /** @throws Error `QEMU guest agent is not running` where nobody answers. */
  agentInterfaces(vmid: number): Promise<readonly AgentInterface[]>;
  /** Called when a machine powers itself off (not by `stop` or `shutdown`). */
  onPowerOff(listener: (vmid: number) => void): void;
}
