import { Namespace } from '@cdktf/provider-kubernetes/lib/namespace';
import { Secret } from '@cdktf/provider-kubernetes/lib/secret';
import { TerraformStack, TerraformVariable, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { FluxPlan } from '../model/cluster-plan';

/** As `flux bootstrap` calls what it makes. */
export const GIT_SECRET = 'flux-system';
/** As Flux' documentation calls it ("Manage Kubernetes secrets with Flux and SOPS"). */
export const AGE_SECRET = 'sops-age';
/** Where platform/services/sealed-secrets runs the controller, which reads keys of its own namespace alone. */
const SEALED_SECRETS_NAMESPACE = 'sealed-secrets';

export interface FluxSecretsProps {
  readonly flux: FluxPlan;
  /** Flux' namespace, as an expression: it must be there. */
  readonly namespace: string;
  /** Opened when the Kubernetes API answers. */
  readonly afterApi: ITerraformDependable;
}

/**
 * What Flux needs to read the repository and to open what is committed in it. Each value is a sensitive variable without a
 * default, asked for at deploy and only where it is used; the Terraform JSON holds references alone.
 */
export class FluxSecrets extends Construct {
  /** All that must be in place before Flux reads anything. */
  readonly made: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { flux, namespace, afterApi }: FluxSecretsProps) {
    super(scope, id);
    this.made = [
      ...this.git(flux, namespace),
      ...(flux.sops ? [this.age(namespace)] : []),
      ...(flux.sealedSecretsKey ? [this.sealedSecrets(afterApi)] : []),
    ];
  }

  /** Keys of the data are those that source-controller reads (fluxcd.io, "Git Repositories", "Secret reference"). */
  private git({ access, username, knownHosts }: FluxPlan, namespace: string): ITerraformDependable[] {
    if (access === 'public') return [];
    const data =
      access === 'token'
        ? { username, password: this.value('token', 'a token that reads the Git repository') }
        : {
            identity: this.value('deploy_key', 'the private SSH key of a deploy key of the Git repository'),
            known_hosts: knownHosts.join('\n'),
          };
    return [new Secret(this, 'Git', { metadata: { name: GIT_SECRET, namespace }, data })];
  }

  private age(namespace: string): ITerraformDependable {
    const data = { 'age.agekey': this.value('age_key', 'the private age key that SOPS decrypts with') };
    return new Secret(this, 'Age', { metadata: { name: AGE_SECRET, namespace }, data });
  }

  /**
   * The key pair that committed values are sealed with. The controller takes every Secret of this label, the newest to
   * seal; without one it would make its own, and a rebuilt cluster could open nothing (github.com/bitnami-labs/sealed-secrets,
   * "How to use my own certificates").
   */
  private sealedSecrets(afterApi: ITerraformDependable): ITerraformDependable {
    const namespace = new Namespace(this, 'Sealed', {
      metadata: { name: SEALED_SECRETS_NAMESPACE },
      dependsOn: [afterApi],
      // Flux says later what its pods may do.
      lifecycle: { ignoreChanges: ['metadata[0].labels', 'metadata[0].annotations'] },
    });
    return new Secret(this, 'SealingKey', {
      metadata: {
        name: 'sealed-secrets-key-of-terraform',
        namespace: namespace.metadata.name,
        labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' },
      },
      type: 'kubernetes.io/tls',
      data: {
        'tls.crt': this.value('sealing_certificate', 'the certificate that values are sealed with, as PEM'),
        'tls.key': this.value('sealing_key', 'the private key of that certificate, as PEM'),
      },
    });
  }

  /** Of the stack, so that its name is short: a person types it. */
  private value(id: string, what: string): string {
    const variable = new TerraformVariable(TerraformStack.of(this), `flux_${id}`, {
      type: 'string',
      sensitive: true,
      nullable: false,
      description: `Flux: ${what}; give it as TF_VAR_flux_${id}`,
    });
    return variable.stringValue;
  }
}
