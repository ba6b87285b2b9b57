import type { DiskEncryption } from '../model/cluster-plan';

/**
 * How Talos encrypts a volume; undefined where it does not. `nodeID` derives the key from the VM's UUID, which whoever has
 * the host has too; `tpm` binds it to the virtual TPM and the state of Secure Boot.
 * Source: docs.siderolabs.com, Talos 1.13, "Disk encryption".
 */
export const encryption = (kind: DiskEncryption): { encryption?: object } =>
  kind === 'none'
    ? {}
    : { encryption: { provider: 'luks2', keys: [{ slot: 0, ...(kind === 'tpm' ? { tpm: {} } : { nodeID: {} }) }] } };

/** The same for the partitions of the system disk that hold state and the data of pods. */
export const systemDiskEncryption = (kind: DiskEncryption): object =>
  kind === 'none'
    ? {}
    : { systemDiskEncryption: { state: encryption(kind).encryption, ephemeral: encryption(kind).encryption } };
