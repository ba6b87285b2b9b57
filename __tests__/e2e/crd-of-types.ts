import { existsSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What a CustomResourceDefinition may say of a value: a structural schema. */
export type Structural = Readonly<Record<string, unknown>>;

/** Kinds are told apart by what an object itself says. */
export interface KindName {
  readonly apiVersion: string;
  readonly kind: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'cert-manager.io': 'cert-manager',
  'postgresql.cnpg.io': 'cloudnative-pg',
  'external-secrets.io': 'external-secrets',
  'helm.toolkit.fluxcd.io': 'flux-cd',
  'kustomize.toolkit.fluxcd.io': 'flux-cd',
  'source.toolkit.fluxcd.io': 'flux-cd',
  'gateway.networking.k8s.io': 'gateway-api',
  'monitoring.coreos.com': 'prometheus-operator',
  'bitnami.com': 'sealed-secrets',
};
const MODELS = join(__dirname, '../../node_modules/@kubernetes-models');
const ANYTHING: Structural = { 'x-kubernetes-preserve-unknown-fields': true };

const declarationOf = ({ apiVersion, kind }: KindName): string => {
  const [group = '', version = ''] = apiVersion.split('/');
  return join(MODELS, PACKAGES[group] ?? '', group, version, `${kind}.d.ts`);
};

/** Whether a package declares the kind, with types made from its CRD. */
export const isDeclared = (name: KindName): boolean => existsSync(declarationOf(name));

/** Schemas of `spec` by kind, from the declarations of the packages that make the manifests. */
export const specSchemas = (names: readonly KindName[]): Map<string, Structural> => {
  const files = names.map(declarationOf);
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  });
  const checker = program.getTypeChecker();

  const schemaOf = (given: ts.Type, path: readonly ts.Type[]): Structural => {
    const type = checker.getNonNullableType(given);
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) return ANYTHING;
    if (type.flags & ts.TypeFlags.BooleanLike) return { type: 'boolean' };
    if (type.isUnion()) {
      if (type.types.every((part) => part.isStringLiteral()))
        return { type: 'string', enum: type.types.map((part) => part.isStringLiteral() && part.value) };
      if (type.types.every((part) => part.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike)))
        return { 'x-kubernetes-int-or-string': true };
      return ANYTHING;
    }
    if (type.isStringLiteral()) return { type: 'string', enum: [type.value] };
    if (type.flags & ts.TypeFlags.StringLike) return { type: 'string' };
    if (type.flags & ts.TypeFlags.NumberLike) return { type: 'number' };
    // A type within itself: JSON schemas in JSON schemas
    if (path.includes(type)) return ANYTHING;
    if (checker.isArrayType(type)) {
      const [element] = checker.getTypeArguments(type as ts.TypeReference);
      return { type: 'array', items: element === undefined ? ANYTHING : schemaOf(element, [...path, type]) };
    }
    const values = checker.getIndexInfosOfType(type)[0]?.type;
    if (values !== undefined) return { type: 'object', additionalProperties: schemaOf(values, [...path, type]) };
    const fields = checker.getPropertiesOfType(type);
    if (fields.length === 0) return { type: 'object', ...ANYTHING };
    const isOptional = (field: ts.Symbol): boolean => (field.flags & ts.SymbolFlags.Optional) !== 0;
    const required = fields.filter((field) => !isOptional(field)).map(({ name }) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(
        fields.map((field) => [field.name, schemaOf(checker.getTypeOfSymbol(field), [...path, type])]),
      ),
      ...(required.length > 0 && { required }),
    };
  };

  return new Map(
    names.map((name, index) => {
      const source = program.getSourceFile(files[index] ?? '');
      const exported = source && checker.getSymbolAtLocation(source);
      const model = exported?.exports?.get(ts.escapeLeadingUnderscores(`I${name.kind}`));
      const spec = model && checker.getDeclaredTypeOfSymbol(model).getProperty('spec');
      if (spec === undefined) throw new Error(`${files[index] ?? ''} declares no spec of ${name.kind}`);
      return [`${name.apiVersion} ${name.kind}`, schemaOf(checker.getTypeOfSymbol(spec), [])];
    }),
  );
};

/** zod's JSON schema without what a CustomResourceDefinition may not say. */
export const structuralOf = (schema: unknown): Structural => {
  if (Array.isArray(schema)) return schema.map(structuralOf) as unknown as Structural;
  if (typeof schema !== 'object' || schema === null) return schema as Structural;
  const { const: constant, additionalProperties, ...rest } = schema as Record<string, unknown>;
  const kept = Object.entries(rest).filter(([key]) => !['$schema', 'propertyNames'].includes(key));
  return {
    ...Object.fromEntries(kept.map(([key, value]) => [key, structuralOf(value)])),
    ...(constant !== undefined && { enum: [constant] }),
    // `false` is how an API server treats it anyway, and it refuses to be told
    ...(typeof additionalProperties === 'object' && { additionalProperties: structuralOf(additionalProperties) }),
  };
};

const pluralOf = (kind: string): string => {
  const word = kind.toLowerCase();
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, 'ies');
  return /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
};

export const customResourceDefinition = (
  { apiVersion, kind }: KindName,
  namespaced: boolean,
  spec: Structural,
): object => {
  const [group = '', version = ''] = apiVersion.split('/');
  const plural = pluralOf(kind);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Asked for of groups below k8s.io
      annotations: { 'api-approved.kubernetes.io': 'unapproved, made from declarations for a test' },
    },
    spec: {
      group,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
        },
      ],
    },
  };
};
