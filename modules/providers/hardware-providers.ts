import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { ProxmoxProvider } from '@cdktf/provider-proxmox/lib/provider';
import { TalosProvider } from '@cdktf/provider-talos/lib/provider';
import { Construct } from 'constructs';
import type { ClusterPlan } from '../model/cluster-plan';

export interface HardwareProvidersProps {
  readonly plan: ClusterPlan;
}

/**
 * The providers that need no cluster. The Proxmox token comes from the environment of Terraform
 * (`PROXMOX_VE_API_TOKEN`), so that it stands in no file.
 */
export class HardwareProviders extends Construct {
  constructor(scope: Construct, id: string, { plan }: HardwareProvidersProps) {
    super(scope, id);
    new ProxmoxProvider(this, 'Proxmox', { endpoint: plan.proxmox.endpoint, insecure: plan.proxmox.insecure });
    new TalosProvider(this, 'Talos', { imageFactoryUrl: plan.images.factory });
    new NullProvider(this, 'Null');
  }
}
