import { DrainRefused } from '../kubernetes/drain';
import { KubernetesError } from '../kubernetes/kubernetes-client';
import { ProxmoxError } from '../proxmox/proxmox-client';
import { TalosError } from '../talos/talos-client';
import { Impatience } from './eventually';
import { InputError } from './find-cluster';

const KINDS = [DrainRefused, Impatience, KubernetesError, ProxmoxError, TalosError];

/**
 * What a running cluster refuses is for people to mend, and is said without a stack trace.
 * @param next what to do after that
 * @throws InputError where it is of that kind, else the error itself
 */
export const sayPlainly =
  (next: string) =>
  (error: unknown): never => {
    if (error instanceof Error && KINDS.some((kind) => error instanceof kind))
      throw new InputError(`${error.message}\n${next}`);
    throw error;
  };
