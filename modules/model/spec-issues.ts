import { z } from 'zod';
import { closest } from './closest';
import type { Issue } from './issue';
import { clusterSchema } from './spec-schema';

/** Codes of what can be wrong with one field. */
export const SCHEMA_CODES = [
  'unknown-field',
  'missing-field',
  'wrong-type',
  'not-allowed',
  'out-of-range',
  'invalid-address',
  'invalid-network',
  'invalid-range',
  'invalid-name',
  'invalid-url',
  'invalid-path',
  'invalid-version',
] as const;
export type SchemaCode = (typeof SCHEMA_CODES)[number];

type Path = readonly PropertyKey[];
type ZodIssue = z.core.$ZodIssue;

/** `nodePools.worker.count`, `network.nameServers[1]`. */
export const formatPath = (path: Path): string =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  ) || 'the spec';

const unwrap = (schema: unknown): unknown =>
  schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly
    ? unwrap(schema.unwrap())
    : schema;

/** The schema of one field, with what it says of itself. */
const schemaAt = (path: Path): unknown =>
  path.reduce<unknown>((schema, step) => {
    if (schema instanceof z.ZodObject) return unwrap((schema.shape as Record<PropertyKey, unknown>)[step]);
    if (schema instanceof z.ZodRecord) return unwrap(schema.valueType);
    return schema instanceof z.ZodArray ? unwrap(schema.element) : undefined;
  }, clusterSchema);

/** As a person would write it in a spec. */
const exampleAt = (path: Path): string | undefined => {
  const schema = schemaAt(path);
  if (schema instanceof z.ZodArray) return `[${exampleAt([...path, 0]) ?? ''}]`;
  const examples: unknown = schema instanceof z.ZodType ? schema.meta()?.examples : undefined;
  return Array.isArray(examples) ? JSON.stringify(examples[0]).replaceAll('"', "'") : undefined;
};

const fieldsAt = (path: Path): string[] => {
  const schema = schemaAt(path);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object of fields',
  record: 'an object of named entries',
  null: 'null',
};

const describe = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
};

const error = (code: SchemaCode, path: Path, message: string, fix: string): Issue => ({
  code,
  severity: 'error',
  path: formatPath(path),
  message,
  fix,
});

const writeAs = (path: Path, otherwise: string): string => {
  const example = exampleAt(path);
  return example === undefined ? otherwise : `write it as, for example, ${example}`;
};

const unknownField = (path: Path, key: string): Issue => {
  const fields = fieldsAt(path);
  const meant = closest(key, fields);
  return error(
    'unknown-field',
    [...path, key],
    `field "${key}" is not known here; known are ${fields.join(', ')}`,
    meant === undefined ? 'remove it' : `did you mean "${meant}"?`,
  );
};

const wrongType = (path: Path, expected: string, input: unknown): Issue => {
  const kind = KINDS[expected] ?? expected;
  return input === undefined
    ? error(
        'missing-field',
        path,
        `is missing; ${kind} is needed`,
        writeAs(path, 'add it, with the fields that it needs'),
      )
    : error('wrong-type', path, `is ${describe(input)}; ${kind} is needed`, writeAs(path, `write ${kind}`));
};

/** Every finding of the schema in our words; one for each unknown field. */
export const schemaIssues = (issues: readonly ZodIssue[]): Issue[] => issues.flatMap(schemaIssue);

const schemaIssue = (issue: ZodIssue): Issue[] => {
  const { path, input } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(path, key));
    case 'invalid_type':
      return [wrongType(path, issue.expected, input)];
    case 'invalid_value': {
      const allowed = issue.values.map((value) => `'${String(value)}'`).join(' or ');
      if (input === undefined)
        return [error('missing-field', path, `is missing; ${allowed} is needed`, `write ${allowed}`)];
      return [error('not-allowed', path, `is ${describe(input)}; ${allowed} is needed`, `write ${allowed}`)];
    }
    case 'too_small': {
      const least = String(issue.minimum);
      return issue.origin === 'array'
        ? [
            error(
              'out-of-range',
              path,
              `is an empty list; at least ${least} item is needed`,
              writeAs(path, 'add an item'),
            ),
          ]
        : [error('out-of-range', path, `is ${String(input)}; ${least} is the least`, `write ${least} or more`)];
    }
    case 'too_big': {
      const most = String(issue.maximum);
      return [error('out-of-range', path, `is ${String(input)}; ${most} is the most`, `write ${most} or less`)];
    }
    case 'invalid_key': // of a record: the key is the last step of the path, and its issues have none
      return issue.issues.flatMap((inner) => schemaIssue({ ...inner, path: [...path] }).map(renameEntry));
    case 'custom':
      return [error(codeOf(issue.params), path, issue.message, writeAs(path, 'correct it'))];
    default:
      throw new Error(`no words for the finding "${issue.code}" at ${formatPath(path)}: this is a fault of groundwork`);
  }
};

const renameEntry = (issue: Issue): Issue => ({ ...issue, fix: 'rename the entry' });

/** As spec-text.ts gives it. */
const codeOf = (params: unknown): SchemaCode => z.object({ code: z.enum(SCHEMA_CODES) }).parse(params).code;
