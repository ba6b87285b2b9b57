import { HelmProvider } from '@cdktf/provider-helm/lib/provider';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { Fn } from 'cdktf';
import { Construct } from 'constructs';
import type { AdminAccess } from '../talos-cluster/admin-access';

export interface ClusterProvidersProps {
  readonly admin: AdminAccess;
}

/** The providers that speak to the cluster's API, known only once there is one. */
export class ClusterProviders extends Construct {
  constructor(scope: Construct, id: string, { admin }: ClusterProvidersProps) {
    super(scope, id);
    const connection = {
      host: admin.host,
      clusterCaCertificate: Fn.base64decode(admin.caCertificate),
      clientCertificate: Fn.base64decode(admin.clientCertificate),
      clientKey: Fn.base64decode(admin.clientKey),
    };
    new HelmProvider(this, 'Helm', { kubernetes: connection });
    new KubernetesProvider(this, 'Kubernetes', connection);
  }
}
