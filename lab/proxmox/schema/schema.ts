import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One parameter, or one key of a property string, as Proxmox' API viewer describes it. */
export interface Property {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  readonly optional?: boolean | 0 | 1;
  /** Name of a format (formats.ts), or the keys of a property string such as `virtio=…,bridge=vmbr0`. */
  readonly format?: string | Format;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number | string;
  readonly maximum?: number | string;
  /** Characters. The API viewer has both spellings: with `_` for a parameter, without for a key of a property string. */
  readonly minLength?: number;
  readonly min_length?: number;
  readonly maxLength?: number;
  readonly max_length?: number;
  /** Another key that must then be given too: `extra.requires` for a parameter. */
  readonly requires?: string;
  readonly extra?: { readonly requires?: string };
  /** The value that stands without key at the start of a property string. */
  readonly default_key?: 0 | 1;
  /** This key is another name for that one. */
  readonly alias?: string;
  /** With `alias`: the key itself is the value of this one (`virtio=MAC` is model=virtio, macaddr=MAC). */
  readonly keyAlias?: string;
}

export type Format = Readonly<Record<string, Property>>;

/** `['perm', path, privileges, 'any', 1]`, `['and', …]`, `['or', …]`, `['perm-modify', path]`. */
export type Check = readonly (string | number | readonly string[] | Check)[];

/** One method of the API. */
export interface MethodSchema {
  readonly allowToken?: boolean;
  readonly permissions?: { readonly user?: 'all' | 'world'; readonly check?: Check };
  readonly parameters?: Format;
}

export interface ApiSchema {
  /** Exact version that it is from, as `9.2.3`. */
  readonly version: string;
  /** By method and path, as `GET /nodes/{node}/qemu`. */
  readonly methods: Readonly<Record<string, MethodSchema>>;
}

/** Major versions that a schema is carried for: 9 for 9.x, 8 for 8.4. */
export type Major = 8 | 9;

/** @throws Error where the version is not 8.4 or newer */
export const majorOf = (version: string): Major => {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  if (major === '9') return 9;
  if (major === '8' && Number(minor) >= 4) return 8;
  throw new Error(`proxmox version "${version}" is not simulated: use 8.4.x or 9.x, as 9.2.6`);
};

/** File of the schema; written by trim.ts. */
export const schemaFile = (major: Major): string => join(__dirname, major === 9 ? 'pve-9.json' : 'pve-8.json');

export const loadSchema = (major: Major): ApiSchema => JSON.parse(readFileSync(schemaFile(major), 'utf8')) as ApiSchema;
