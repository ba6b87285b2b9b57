import { createHash } from 'node:crypto';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { goYaml, type YamlValue } from './go-yaml';

/** What a factory answers with 400. */
export class InvalidSchematic extends Error {}

/** Always gives a value: where nothing fits, an empty text, and the fault that refuses the whole. */
type Reader = (node: Node | null, decoder: Decoder) => YamlValue;

interface Field {
  readonly read: Reader;
  /** Written also when it is empty, as a Go field without `omitempty` is. */
  readonly always?: true;
}

/** Collects the words of Go's yaml.v3 for everything that does not fit, as its TypeError does. */
class Decoder {
  private readonly found: { readonly line: number; readonly text: string }[] = [];
  constructor(private readonly counter: LineCounter) {}
  /** In the order of the document. */
  get faults(): readonly string[] {
    return this.found.toSorted((a, b) => a.line - b.line).map(({ line, text }) => `  line ${line}: ${text}`);
  }
  fault(node: Node | null, text: string): '' {
    this.found.push({ line: this.counter.linePos(node?.range?.[0] ?? 0).line, text });
    return '';
  }
  mismatch(node: Node | null, type: string): '' {
    const tag = isMap(node)
      ? '!!map'
      : isSeq(node)
        ? '!!seq'
        : isScalar(node) && typeof node.value === 'string'
          ? '!!str'
          : isScalar(node) && typeof node.value === 'boolean'
            ? '!!bool'
            : '!!int';
    const shown = isScalar(node) ? ` \`${node.source ?? String(node.value)}\`` : '';
    return this.fault(node, `cannot unmarshal ${tag}${shown} into ${type}`);
  }
}

const isNull = (node: Node | null): boolean => node === null || (isScalar(node) && node.value === null);

const text = (node: Node | null, decoder: Decoder): string => {
  if (isNull(node)) return '';
  if (!isScalar(node)) return decoder.mismatch(node, 'string');
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
};

const whole =
  (type: string, limit: number): Reader =>
  (node, decoder) => {
    if (isNull(node)) return 0;
    const value = isScalar(node) ? Number(node.value) : NaN;
    return isScalar(node) && typeof node.value !== 'string' && Number.isInteger(value) && value >= 0 && value <= limit
      ? value
      : decoder.mismatch(node, type);
  };

const flag: Reader = (node, decoder) =>
  isNull(node)
    ? false
    : isScalar(node) && typeof node.value === 'boolean'
      ? node.value
      : decoder.mismatch(node, 'bool');

const oneOf =
  (type: string, names: readonly string[]): Reader =>
  (node, decoder) => {
    const name = text(node, decoder);
    if (name === '' || names.includes(name)) return name;
    return decoder.fault(node, `${name} does not belong to ${type} values`);
  };

const list =
  (type: string, read: Reader): Reader =>
  (node, decoder) => {
    if (isNull(node)) return [];
    if (!isSeq(node)) return decoder.mismatch(node, `[]${type}`);
    return node.items.map((item) => read(item as Node | null, decoder));
  };

const isEmpty = (value: YamlValue): boolean =>
  value === '' || value === 0 || value === false || (typeof value === 'object' && Object.keys(value).length === 0);

const struct =
  (type: string, fields: Readonly<Record<string, Field>>): Reader =>
  (node, decoder) => {
    if (!isNull(node) && !isMap(node)) return decoder.mismatch(node, type);
    const given = new Map<string, Node | null>();
    for (const pair of isMap(node) ? node.items : []) {
      const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
      if (fields[key] === undefined) decoder.fault(pair.key as Node, `field ${key} not found in type ${type}`);
      given.set(key, pair.value as Node | null);
    }
    const values: Record<string, YamlValue> = {};
    for (const [key, { read, always }] of Object.entries(fields)) {
      const value = read(given.get(key) ?? null, decoder);
      if (always === true || !isEmpty(value)) values[key] = value;
    }
    // A struct that nothing was given for counts as empty, even where its fields are always written.
    return given.size === 0 && !('customization' in fields) ? {} : values;
  };

const anything: Reader = (node) => {
  if (isNull(node)) return {};
  const sorted = (value: YamlValue): YamlValue => {
    if (typeof value !== 'object') return value;
    if (Array.isArray(value)) return (value as readonly YamlValue[]).map(sorted);
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => [key, sorted(item)]),
    );
  };
  return sorted((node as unknown as { toJSON(): YamlValue }).toJSON());
};

/** Fields in the order in which they are written. Source: siderolabs/image-factory pkg/schematic/schematic.go at 1.5. */
const SCHEMATIC = struct('schematic.Schematic', {
  owner: { read: text },
  overlay: {
    read: struct('schematic.Overlay', {
      image: { read: text, always: true },
      name: { read: text, always: true },
      options: { read: anything },
    }),
  },
  customization: {
    always: true,
    read: struct('schematic.Customization', {
      embeddedMachineConfiguration: { read: text },
      extraKernelArgs: { read: list('string', text) },
      meta: {
        read: list(
          'schematic.MetaValue',
          struct('schematic.MetaValue', {
            key: { read: whole('uint8', 255), always: true },
            value: { read: text, always: true },
          }),
        ),
      },
      systemExtensions: {
        read: struct('schematic.SystemExtensions', { officialExtensions: { read: list('string', text) } }),
      },
      bootloader: { read: oneOf('BootloaderKind', ['none', 'dual-boot', 'sd-boot', 'grub']) },
      secureboot: {
        read: struct('schematic.SecureBootCustomization', {
          enrollKeys: { read: text },
          includeWellKnownCertificates: { read: flag },
        }),
      },
      diskImage: {
        read: struct('schematic.DiskImageCustomization', {
          sectorSize: { read: whole('uint', Number.MAX_SAFE_INTEGER) },
        }),
      },
    }),
  },
});

/** A schematic as a factory keeps it. */
export interface Schematic {
  /** Lower-case hexadecimal SHA-256 of {@link canonical}. */
  readonly id: string;
  readonly canonical: string;
  readonly extensions: readonly string[];
  /** Empty: no overlay. */
  readonly overlay: string;
}

/**
 * Strict, as the factory decodes: an unknown field is refused; numbers may be written in any base.
 * @throws InvalidSchematic with the words of Go's yaml.v3
 */
export const parseSchematic = (body: string): Schematic => {
  const lineCounter = new LineCounter();
  const document = parseDocument(body, { lineCounter, version: '1.2' });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new InvalidSchematic(`yaml: line ${broken.linePos?.[0].line ?? 1}: ${broken.message.split('\n')[0] ?? ''}`);
  if (document.contents === null) throw new InvalidSchematic('EOF');
  const decoder = new Decoder(lineCounter);
  const value = SCHEMATIC(document.contents, decoder) as {
    overlay?: { name: string };
    owner?: string;
    customization: { systemExtensions?: { officialExtensions: string[] } };
  };
  if (decoder.faults.length > 0) throw new InvalidSchematic(`yaml: unmarshal errors:\n${decoder.faults.join('\n')}`);
  if (value.owner !== undefined) throw new InvalidSchematic('owner field is only supported in Enterprise edition');
  const canonical = goYaml(value);
  return {
    id: createHash('sha256').update(canonical).digest('hex'),
    canonical,
    extensions: value.customization.systemExtensions?.officialExtensions ?? [],
    overlay: value.overlay?.name ?? '',
  };
};
