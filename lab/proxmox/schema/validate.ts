import { badParameters, messageOf } from '../errors';
import { PROPERTY_FORMATS, STRING_FORMATS, UNCHECKED_FORMATS } from './formats';
import type { Format, Property } from './schema';

/** Parameters as they came in the query and the form: always text; a key that came twice is a list. */
export type RawParameters = Readonly<Record<string, string | readonly string[]>>;
/** Parameters that passed their schema. */
export type Parameters = Readonly<Record<string, string>>;

type Errors = Record<string, string>;

/** How many of each indexed parameter exist: qemu-server src/PVE/QemuServer.pm, Drive.pm, PCI.pm, USB.pm, Memory.pm. */
const INDEX_LIMITS: Readonly<Record<string, number>> = {
  ...{ ide: 4, sata: 6, scsi: 31, virtio: 16, unused: 256 },
  ...{ net: 32, ipconfig: 32, serial: 4, parallel: 3, usb: 14, hostpci: 16, numa: 8, virtiofs: 10 },
};

const UNKNOWN = 'property is not defined in schema and the schema does not allow additional properties';

const add = (errors: Errors, path: string, text: string): void => {
  errors[path] = errors[path] === undefined ? text : `${errors[path]}\\n${text}`;
};

/** The schema of a parameter; `scsi7` is described by `scsi[n]`. */
export const propertyOf = (schema: Format, key: string): Property | undefined => {
  const exact = schema[key];
  if (exact !== undefined) return exact;
  const [, base, index] = /^([a-z]+)(0|[1-9]\d*)$/.exec(key) ?? [];
  if (base === undefined || Number(index) >= (INDEX_LIMITS[base] ?? 0)) return undefined;
  return schema[`${base}[n]`];
};

/** Perl's pattern syntax, as far as the schema uses it. */
const pattern = (text: string): RegExp => new RegExp(`^(?:${text.replaceAll('(?^:', '(?:').replaceAll('{,', '{0,')})$`);

const checkType = (property: Property, value: string): string | undefined => {
  const ok =
    property.type === 'boolean'
      ? value === '0' || value === '1'
      : property.type === 'integer'
        ? /^[+-]?\d+$/.test(value)
        : property.type === 'number'
          ? /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/.test(value)
          : true;
  return ok ? undefined : `type check ('${property.type ?? ''}') failed - got '${value}'`;
};

/** @throws Error with Proxmox' words */
const checkFormat = (format: string | Format, value: string, path: string): void => {
  if (typeof format !== 'string') {
    parsePropertyString(format, value, path);
    return;
  }
  if (UNCHECKED_FORMATS.includes(format)) return;
  const keys = PROPERTY_FORMATS[format];
  if (keys !== undefined) {
    parsePropertyString(keys, value, path);
    return;
  }
  const list = format.endsWith('-list');
  const verify = STRING_FORMATS[list ? format.slice(0, -'-list'.length) : format];
  if (verify === undefined) throw new Error(`undefined format '${format}'`);
  for (const item of list ? splitList(value) : [value]) {
    const fault = verify(item);
    if (fault !== undefined) throw new Error(fault);
  }
};

/** `split_list` of pve-common src/PVE/Tools.pm. */
export const splitList = (text: string | undefined): string[] =>
  (text ?? '').split(/[,;\s\0]+/).filter((item) => item !== '');

const formatFault = (format: string | Format, value: string, path: string): string | undefined => {
  try {
    checkFormat(format, value, path);
    return undefined;
  } catch (error) {
    return `invalid format - ${error instanceof FormatError ? error.toString() : `${messageOf(error)}\n`}`;
  }
};

/** The first thing that is wrong with a value, in Proxmox' order: check_prop of JSONSchema.pm. */
const faultOf = (property: Property, value: string, path: string): string | undefined => {
  const first =
    checkType(property, value) ??
    (property.format === undefined ? undefined : formatFault(property.format, value, path));
  if (first !== undefined) return first;
  if (property.pattern !== undefined && !pattern(property.pattern).test(value))
    return 'value does not match the regex pattern';
  const { minimum, maximum } = property;
  const maxLength = property.maxLength ?? property.max_length;
  const minLength = property.minLength ?? property.min_length;
  if (maxLength !== undefined && value.length > maxLength) return `value may only be ${maxLength} characters long`;
  if (minLength !== undefined && value.length < minLength) return `value must be at least ${minLength} characters long`;
  if (maximum !== undefined && Number(value) > Number(maximum)) return `value must have a maximum value of ${maximum}`;
  if (minimum !== undefined && Number(value) < Number(minimum)) return `value must have a minimum value of ${minimum}`;
  const allowed = property.enum?.map(String);
  if (allowed === undefined || allowed.includes(value)) return undefined;
  return `value '${value}' does not have a value in the enumeration '${allowed.join(', ')}'`;
};

const checkObject = (schema: Format, values: Parameters, prefix: string, errors: Errors): void => {
  const at = (key: string): string => (prefix === '' ? key : `${prefix}.${key}`);
  for (const [key, property] of Object.entries(schema)) {
    if (property.alias !== undefined || values[key] !== undefined || key.endsWith('[n]')) continue;
    if (!property.optional) add(errors, at(key), 'property is missing and it is not optional');
  }
  for (const [key, value] of Object.entries(values)) {
    const property = propertyOf(schema, key);
    if (property === undefined) {
      add(errors, at(key), UNKNOWN);
      continue;
    }
    const fault = faultOf(property, value, at(key));
    if (fault !== undefined) add(errors, at(key), fault);
    const requires = property.requires ?? property.extra?.requires;
    if (requires !== undefined && values[requires] === undefined) {
      add(errors, at(requires), `missing property required by '${at(key)}'`);
    }
  }
};

/** Several faults in one property string; printed as Proxmox does, one line each. */
class FormatError extends Error {
  constructor(readonly errors: Errors) {
    super('format error');
  }
  override toString(): string {
    return `format error\n${Object.entries(this.errors)
      .map(([key, text]) => `${key}: ${text}\n`)
      .join('')}`;
  }
}

const BOOLEANS: Readonly<Record<string, string>> = { on: '1', yes: '1', true: '1', off: '0', no: '0', false: '0' };

/**
 * `a,b=c` into keys and values: pve-common src/PVE/JSONSchema.pm parse_property_string.
 * @throws Error with Proxmox' words
 */
export const parsePropertyString = (format: Format, text: string, path = ''): Record<string, string> => {
  const values: Record<string, string> = {};
  const put = (key: string, raw: string): void => {
    const value = format[key]?.type === 'boolean' ? (BOOLEANS[raw.toLowerCase()] ?? raw) : raw;
    if (values[key] !== undefined) throw new Error(`duplicate key in comma-separated list property: ${key}`);
    values[key] = value;
  };
  for (const part of text.split(',').filter((item) => item.trim() !== '')) {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(part) ?? [];
    if (name !== undefined && value !== undefined) {
      const property = format[name];
      if (property === undefined) throw new Error(`invalid key in comma-separated list property: ${name}`);
      if (property.keyAlias !== undefined) put(property.keyAlias, name);
      put(property.alias ?? name, value);
      continue;
    }
    if (part.includes('=')) throw new Error('missing key in comma-separated list property');
    const key = Object.keys(format).find((candidate) => format[candidate]?.default_key);
    if (key === undefined) throw new Error('value without key, but schema does not define a default key');
    put(key, part);
  }
  const errors: Errors = {};
  checkObject(format, values, path, errors);
  if (Object.keys(errors).length > 0) throw new FormatError(errors);
  return values;
};

/** The value that may stand alone comes first, the rest is sorted by key: print_property_string, ibid. */
export const printPropertyString = (values: Parameters, first: string): string => {
  const rest = Object.keys(values)
    .filter((key) => key !== first)
    .sort();
  const head = values[first];
  return [...(head === undefined ? [] : [head]), ...rest.map((key) => `${key}=${values[key] ?? ''}`)].join(',');
};

/** @throws ApiError 400 with a text for every parameter that is wrong */
export const validateParameters = (schema: Format, raw: RawParameters): Parameters => {
  const errors: Errors = {};
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(raw)) {
    const format = propertyOf(schema, key)?.format;
    if (typeof value === 'string') values[key] = value;
    else if (typeof format === 'string' && format.endsWith('-list')) values[key] = value.join(',');
    else if (propertyOf(schema, key) === undefined) add(errors, key, UNKNOWN);
    else add(errors, key, `type check ('${propertyOf(schema, key)?.type ?? 'string'}') failed - got ARRAY`);
  }
  const arrays = Object.keys(errors);
  checkObject(schema, values, '', errors);
  for (const key of arrays) errors[key] = errors[key]?.split('\\n')[0] ?? '';
  if (Object.keys(errors).length > 0) throw badParameters(errors);
  return values;
};
