import { createHash } from 'node:crypto';
import { canonicalYaml, type YamlMapping } from './canonical-yaml';

/** What an Image Factory builds an image from. An empty list and a missing one mean the same, also to the id. */
export interface Schematic {
  /** For single-board computers; letters only as keys of `options`, which the factory sorts. */
  readonly overlay?: {
    readonly name: string;
    readonly image: string;
    readonly options?: Readonly<Record<string, string | number | boolean>>;
  };
  /** Also given to the installer: one that an upgrade loses is gone. */
  readonly extraKernelArgs?: readonly string[];
  /** First contents of the META partition; the installer ignores them. */
  readonly meta?: readonly MetaValue[];
  /** As `siderolabs/qemu-guest-agent`. Their order is part of the id. */
  readonly officialExtensions?: readonly string[];
  readonly secureBoot?: { readonly includeWellKnownCertificates: boolean };
}

export interface MetaValue {
  /** 0 to 255; see `META_KEY_NETWORK`. */
  readonly key: number;
  readonly value: string;
}

/**
 * The text that the factory hashes: fixed key order, empty fields left out.
 * Source: siderolabs/image-factory pkg/schematic/schematic.go, where the fields stand in this order.
 */
export const schematicText = (schematic: Schematic): string => {
  const { overlay, extraKernelArgs = [], meta = [], officialExtensions = [], secureBoot } = schematic;
  const customization: YamlMapping = {
    ...(extraKernelArgs.length > 0 && { extraKernelArgs }),
    ...(meta.length > 0 && { meta: meta.map(({ key, value }) => ({ key, value })) }),
    ...(officialExtensions.length > 0 && { systemExtensions: { officialExtensions } }),
    ...(secureBoot?.includeWellKnownCertificates === true && { secureboot: { includeWellKnownCertificates: true } }),
  };
  return canonicalYaml({ ...(overlay !== undefined && { overlay: overlayFields(overlay) }), customization });
};

const overlayFields = ({ image, name, options = {} }: NonNullable<Schematic['overlay']>): YamlMapping => {
  const sorted = Object.entries(options).sort(([one], [other]) => (one < other ? -1 : 1));
  const odd = sorted.find(([key]) => !/^[A-Za-z]+$/.test(key));
  if (odd !== undefined) throw new RangeError(`overlay option "${odd[0]}" has no canonical place: letters only`);
  return { image, name, ...(sorted.length > 0 && { options: Object.fromEntries(sorted) }) };
};

/** The id that the factory answers with, computed without it: lower-case hex SHA-256 of the text. 64 digits. */
export const schematicId = (schematic: Schematic): string =>
  createHash('sha256').update(schematicText(schematic)).digest('hex');
