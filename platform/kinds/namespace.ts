import { Namespace } from 'kubernetes-models/v1';

/** Pod security standards, strictest last. */
export type PodSecurity = 'privileged' | 'baseline' | 'restricted';

/** A namespace that admits pods up to this standard, and warns of what the strictest would refuse. */
export const namespaceOf = (name: string, enforce: PodSecurity): Namespace =>
  new Namespace({
    metadata: {
      name,
      labels: {
        'pod-security.kubernetes.io/enforce': enforce,
        'pod-security.kubernetes.io/warn': enforce === 'privileged' ? 'privileged' : 'restricted',
      },
    },
  });
