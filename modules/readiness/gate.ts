import { Resource } from '@cdktf/provider-null/lib/resource';
import { AssetType, Fn, TerraformAsset, Token } from 'cdktf';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { join } from 'node:path';
import type { EndpointPlan, NodePlan } from '../model/cluster-plan';
import type { AdminAccess } from '../talos-cluster/admin-access';

/** Time limit of a gate in seconds: image pulls of a slow link included. */
const LIMIT_SECONDS = 600;

interface GateProps {
  /** How the Kubernetes API is asked. */
  readonly admin: AdminAccess;
}

interface ApiGateProps extends GateProps {
  readonly endpoint: EndpointPlan;
  /**
   * VMs of all control planes. They are there long before the API is; but what is behind the gate must be destroyed
   * before them: an API that has lost etcd's quorum deletes nothing.
   */
  readonly controlPlanes: readonly { readonly created: ITerraformDependable }[];
}

interface AppliedConfig {
  readonly applied: ITerraformDependable;
  /** The same resource's Terraform address. */
  readonly appliedAddress: string;
}

interface NodesGateProps extends GateProps {
  /** Nodes that must be Ready. */
  readonly nodes: readonly NodePlan[];
  /** Applied configs: the time limit counts from when all are; where one changes, the gate looks again. */
  readonly configs: readonly AppliedConfig[];
  /** What brings the nodes' network: before it none can be Ready. */
  readonly network: ITerraformDependable;
}

interface LookProps extends GateProps {
  readonly condition: 'api' | 'nodes';
  /** Beside the credentials. */
  readonly environment?: Record<string, string>;
  /** A change of these looks again. */
  readonly triggers: Record<string, string>;
  readonly after?: readonly ITerraformDependable[];
  /** Addresses of resources. */
  readonly replacedWith?: readonly string[];
}

/**
 * For local-exec alone. Terraform hides all that a provisioner prints once a sensitive value is in its settings, and with
 * it the reason of a failure; the environment itself is never printed. `sensitive` first: `nonsensitive` alone is an
 * error where a provider does not mark the value.
 */
const toEnvironment = (secret: string): string => Token.asString(Fn.nonsensitive(Fn.sensitive(secret)));

/** A step that is done when `wait-for.cjs` says so; done once, and again where its triggers change. */
const look = (
  scope: Construct,
  { condition, admin, after, environment, triggers, replacedWith }: LookProps,
): Resource => {
  const script = new TerraformAsset(scope, 'Script', { path: join(__dirname, 'wait-for.cjs'), type: AssetType.FILE });
  return new Resource(scope, 'Wait', {
    triggers,
    ...(after === undefined ? {} : { dependsOn: [...after] }),
    ...(replacedWith === undefined ? {} : { lifecycle: { replaceTriggeredBy: [...replacedWith] } }),
    provisioners: [
      {
        type: 'local-exec',
        command: `node "\${path.module}/${script.path}" ${condition}`,
        environment: {
          GATE_SERVER: admin.host,
          GATE_CA: admin.caCertificate,
          GATE_CERTIFICATE: admin.clientCertificate,
          GATE_KEY: toEnvironment(admin.clientKey),
          GATE_SECONDS: String(LIMIT_SECONDS),
          ...environment,
        },
      },
    ],
  });
};

/** Opens when the Kubernetes API answers at the cluster's endpoint, asked with the admin's certificate. */
export class ApiGate extends Construct {
  readonly opened: ITerraformDependable;

  constructor(scope: Construct, id: string, { admin, endpoint, controlPlanes }: ApiGateProps) {
    super(scope, id);
    this.opened = look(this, {
      condition: 'api',
      admin,
      after: controlPlanes.map(({ created }) => created),
      triggers: { endpoint: endpoint.url },
    });
  }
}

/** Opens when every planned node is registered and Ready; looks again when the list of nodes or a config changes. */
export class NodesGate extends Construct {
  readonly opened: ITerraformDependable;

  constructor(scope: Construct, id: string, { admin, nodes, configs, network }: NodesGateProps) {
    super(scope, id);
    const names = nodes.map(({ name }) => name).join(' ');
    this.opened = look(this, {
      condition: 'nodes',
      admin,
      after: [network, ...configs.map(({ applied }) => applied)],
      environment: { GATE_NODES: names },
      triggers: { nodes: names },
      replacedWith: configs.map(({ appliedAddress }) => appliedAddress),
    });
  }
}
