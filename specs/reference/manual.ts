import { CLUSTER_CODES } from '../check-clusters';
import { FILE_CODES } from '../file-issue';
import { documentedSections, type DocumentedField, type DocumentedSection } from './doc-comments';
import { clusterJsonSchema, type JsonSchema } from './json-schema';
import { mistakes } from './mistakes';

/** What an issue code stands for, by an example of it. */
export interface CodeExample {
  readonly code: string;
  readonly severity: string;
  readonly path: string;
  readonly message: string;
}

const INTRODUCTION = `# The spec of a cluster

Every field that a file in \`clusters/\` may have, in TypeScript and in YAML alike. Written by \`npx groundwork spec manual --write\` from the doc comments of \`modules/model/cluster-spec.ts\`; a test compares the two.

\`npx groundwork spec check\` tells all that is wrong. A YAML file that begins with \`# yaml-language-server: $schema=../specs/cluster.schema.json\` is completed and checked by the editor as you write. In YAML the file holds one cluster; in TypeScript each named export is one.`;

/** docs/SPEC.md. @param codes an example of every issue code */
export const manual = (codes: readonly CodeExample[]): string => {
  const sections = documentedSections();
  return `${[
    INTRODUCTION,
    ...sectionText('', 'ClusterSpec', clusterJsonSchema(), sections),
    '## Issue codes',
    'Errors keep anything from being deployed, warnings do not. Each with what one of its kind says.',
    ['| code | | where | says |', '| --- | --- | --- | --- |', ...codes.map(codeRow)].join('\n'),
    `Of a file, before it is a spec: ${listed(FILE_CODES)}. Between clusters on one Proxmox VE: ${listed(CLUSTER_CODES)}.`,
    mistakes(),
  ].join('\n\n')}\n`;
};

const listed = (codes: readonly string[]): string => codes.map((code) => `\`${code}\``).join(', ');

const codeRow = ({ code, severity, path, message }: CodeExample): string =>
  `| \`${code}\` | ${severity} | \`${path}\` | ${message.replaceAll('|', '\\|')} |`;

const sectionText = (
  prefix: string,
  name: string,
  schema: JsonSchema,
  sections: ReadonlyMap<string, DocumentedSection>,
): string[] => {
  const section = sections.get(name);
  if (section === undefined) return [];
  const entries = section.fields.map((field) => ({ field, schema: schema.properties?.[field.name] ?? {} }));
  return [
    prefix === '' ? '## The whole' : `## \`${prefix}\``,
    ...(section.text === '' ? [] : [section.text]),
    ...entries.map((entry) => fieldText(prefix, entry.field, entry.schema)),
    ...entries.flatMap(({ field, schema: inner }) => {
      if (field.section === undefined) return [];
      const path = `${joined(prefix, field.name)}${field.named ? '.<name>' : inner.items === undefined ? '' : '[]'}`;
      return sectionText(path, field.section, entryOf(inner), sections);
    }),
  ];
};

const joined = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`);

/** The schema of a section, where it stands in entries or in a list. */
const entryOf = (schema: JsonSchema): JsonSchema => {
  if (schema.items !== undefined) return entryOf(schema.items);
  return typeof schema.additionalProperties === 'object' ? entryOf(schema.additionalProperties) : schema;
};

const fieldText = (prefix: string, field: DocumentedField, schema: JsonSchema): string => {
  const facts = [
    kindOf(schema),
    ...allowedOf(schema),
    field.optional ? 'may be left out' : 'needed',
    ...defaultOf(field),
  ];
  return `### \`${joined(prefix, field.name)}\`\n\n${facts.join('; ')}.\n\n${field.text}`;
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'Text',
  integer: 'Whole number',
  number: 'Number',
  boolean: '`true` or `false`',
};

const kindOf = (schema: JsonSchema): string => {
  if (schema.items !== undefined) return `List of: ${lowerFirst(kindOf(schema.items))}`;
  if (typeof schema.additionalProperties === 'object') {
    return `Entries by name, each: ${lowerFirst(kindOf(schema.additionalProperties))}`;
  }
  return KINDS[schema.type ?? ''] ?? (schema.properties === undefined ? 'One of several kinds' : 'Section');
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const allowedOf = (schema: JsonSchema): string[] => {
  const { minimum, maximum } = schema;
  const values = schema.enum ?? schema.items?.enum;
  const listed = values?.map((value) => `\`${String(value)}\``).join(', ');
  return [
    ...(listed === undefined ? [] : [`one of ${listed}`]),
    ...(minimum === undefined || maximum === undefined ? [] : [`${minimum} to ${maximum}`]),
  ];
};

const defaultOf = ({ defaultTag }: DocumentedField): string[] => {
  if (defaultTag === undefined) return [];
  return [defaultTag.startsWith('- ') ? `default: ${defaultTag.slice(2)}` : `default \`${defaultTag}\``];
};
