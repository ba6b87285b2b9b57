import { DataTalosClientConfiguration } from '@cdktf/provider-talos/lib/data-talos-client-configuration';
import { MachineSecrets } from '@cdktf/provider-talos/lib/machine-secrets';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { ClusterPlan } from '../model/cluster-plan';
import { SavedState } from './saved-state';

export interface ClusterIdentityProps {
  readonly plan: ClusterPlan;
}

/** What makes a cluster this cluster: its certificate authorities, keys and tokens, and the administrator's certificate. */
export class ClusterIdentity extends Construct {
  /** Goes into every machine config. Sensitive. */
  readonly machineSecrets: MachineSecrets['machineSecrets'];
  /** Certificate of the administrator of the Talos API. Sensitive. */
  readonly clientConfiguration: MachineSecrets['clientConfiguration'];
  /** Expression of the talosconfig's text. Sensitive. */
  readonly talosconfig: string;
  /** What a node waits for before it is given a key, so that no node has one that nobody knows. Empty: a file has it at once. */
  readonly saved: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { plan }: ClusterIdentityProps) {
    super(scope, id);
    const secrets = new MachineSecrets(this, 'Secrets', {
      talosVersion: `v${plan.versions.talosContract}`,
      // The provider would make all secrets anew for another contract, and the running nodes refuse whoever shows those.
      // Secrets of an older contract serve a newer one: Talos itself keeps them through upgrades.
      lifecycle: { ignoreChanges: ['talos_version'] },
    });
    const client = new DataTalosClientConfiguration(this, 'Talosconfig', {
      clusterName: plan.name,
      clientConfiguration: secrets.clientConfiguration,
      // The nodes themselves, never the VIP: it is gone when the Kubernetes API is, just when talosctl is needed. No
      // default nodes, so that no command reaches the whole cluster by an oversight.
      endpoints: plan.nodes.filter(({ role }) => role === 'controlplane').map(({ address }) => address.toString()),
    });
    this.saved =
      plan.state.kind === 'local' ? [] : [new SavedState(this, 'Saved', { made: secrets, id: secrets.id }).saved];
    this.machineSecrets = secrets.machineSecrets;
    this.clientConfiguration = secrets.clientConfiguration;
    this.talosconfig = client.talosConfig;
  }
}
