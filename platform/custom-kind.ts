import type { z } from 'zod';
import type { Manifest } from './stage';

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A kind that no package knows: its schema is written by hand beside its use, and strict, so that a misspelt field is refused. */
export class CustomKind<Spec extends z.ZodObject> {
  private static readonly kinds = new WeakMap<Manifest, CustomKind<z.ZodObject>>();

  /** The kind that an object was made of, where it was typed by hand. */
  static kindOf(manifest: Manifest): CustomKind<z.ZodObject> | undefined {
    return CustomKind.kinds.get(manifest);
  }

  constructor(
    readonly apiVersion: string,
    readonly kind: string,
    readonly spec: Spec,
  ) {}

  /** An object of this kind. It is checked by `validate()`, as those of the packages are. */
  of(metadata: Metadata, spec: z.input<Spec>): Manifest {
    const { apiVersion, kind } = this;
    const schema = this.spec;
    const manifest = {
      apiVersion,
      kind,
      metadata,
      validate: () => void schema.parse(spec),
      toJSON: () => ({ apiVersion, kind, metadata, spec }),
    };
    CustomKind.kinds.set(manifest, this);
    return manifest;
  }
}
