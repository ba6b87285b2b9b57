import { ClusterKubeconfig } from '@cdktf/provider-talos/lib/cluster-kubeconfig';
import { MachineBootstrap } from '@cdktf/provider-talos/lib/machine-bootstrap';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { AdminAccess } from './admin-access';
import type { ClusterIdentity } from './cluster-identity';

export interface ClusterBootstrapProps {
  readonly identity: ClusterIdentity;
  /** The control plane that starts etcd. */
  readonly first: {
    readonly address: string;
    /** Its applied config. */
    readonly applied: ITerraformDependable;
  };
}

/** Starts etcd on one control plane, once in the life of a cluster; the others join it. */
export class ClusterBootstrap extends Construct {
  readonly admin: AdminAccess;
  /** Expression of the kubeconfig's text. Sensitive. */
  readonly kubeconfig: string;

  constructor(scope: Construct, id: string, { identity, first }: ClusterBootstrapProps) {
    super(scope, id);
    const bootstrap = new MachineBootstrap(this, 'Etcd', {
      nodeAttribute: first.address,
      endpoint: first.address,
      clientConfiguration: identity.clientConfiguration,
      // The first control plane is enough: the others join when they are there. Its config is not referred to.
      dependsOn: [first.applied],
      // Nothing may call it a second time: Talos answers ALREADY_EXISTS, and the provider asks on for ten minutes. A
      // rebuilt first control plane joins the others (docs/adr/0004).
      lifecycle: { ignoreChanges: 'all' },
    });
    const kubeconfig = new ClusterKubeconfig(this, 'Kubeconfig', {
      nodeAttribute: first.address,
      endpoint: first.address,
      clientConfiguration: identity.clientConfiguration,
      // The providers of Kubernetes and Helm are configured by it: a plan that makes it anew knows none, and fails at what
      // it reads ("no configuration has been provided"). So no deploy renews it in its life, neither by its age nor with
      // the client that asks for it; `groundwork credentials --renew` does (docs/HEALTH.md).
      certificateRenewalDuration: '0s',
      lifecycle: { ignoreChanges: ['client_configuration'] },
      // Before etcd there is no API to be the administrator of; no attribute of the bootstrap says so.
      dependsOn: [bootstrap],
    });
    const { host, caCertificate, clientCertificate, clientKey } = kubeconfig.kubernetesClientConfiguration;
    this.admin = { host, caCertificate, clientCertificate, clientKey };
    this.kubeconfig = kubeconfig.kubeconfigRaw;
  }
}
