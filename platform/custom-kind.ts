import { z } from 'zod';
import type { Manifest } from './stage';

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
}

/** A kind that no package knows: its schema is written by hand beside its use, and strict, so that a misspelt field is refused. */
export class CustomKind<Spec extends z.ZodObject> {
  constructor(
    readonly apiVersion: string,
    readonly kind: string,
    readonly spec: Spec,
  ) {}

  /** An object of this kind. It is checked by `validate()`, as those of the packages are. */
  of(metadata: Metadata, spec: z.input<Spec>): Manifest {
    const { apiVersion, kind } = this;
    const schema = this.spec;
    return {
      apiVersion,
      kind,
      metadata,
      validate: () => void schema.parse(spec),
      toJSON: () => ({ apiVersion, kind, metadata, spec }),
    };
  }
}
