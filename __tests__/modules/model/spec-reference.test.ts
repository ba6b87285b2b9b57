import ts from 'typescript';
import type { z } from 'zod';
import type { ClusterSpec } from '../../../modules/model/cluster-spec';
import {
  DISK_DEFAULTS,
  LOAD_BALANCER_POOL_DEFAULTS,
  NETWORK_CARD_DEFAULTS,
  NODE_FEATURE_DEFAULTS,
  REGISTRY_MIRROR_DEFAULTS,
  SPEC_DEFAULTS,
  VM_SIZE_DEFAULTS,
} from '../../../modules/model/spec-defaults';
import { clusterSchema } from '../../../modules/model/spec-schema';
import { specInterfaces } from '../../../specs/reference/doc-comments';

type Covers<Whole, Part extends Whole> = Part;
/** Compiles only while the schema takes all that the interface allows. */
export type AcceptedSpec = Covers<z.input<typeof clusterSchema>, ClusterSpec>;

/** Where the defaults of an interface stand. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ClusterSpec: { loadBalancerPools: SPEC_DEFAULTS.loadBalancerPools, state: SPEC_DEFAULTS.state },
  NetworkSpec: SPEC_DEFAULTS.network,
  VipSpec: SPEC_DEFAULTS.vip,
  LoadBalancerPoolSpec: LOAD_BALANCER_POOL_DEFAULTS,
  AnnouncementsSpec: SPEC_DEFAULTS.announcements,
  BgpPeerSpec: {},
  NodePoolSpec: NODE_FEATURE_DEFAULTS,
  NodeSpec: {},
  NodeSizeSpec: {},
  TaintSpec: {},
  DiskSpec: DISK_DEFAULTS,
  NodeNetworkSpec: NETWORK_CARD_DEFAULTS,
  NetworkCardSpec: {},
  VmSizeSpec: VM_SIZE_DEFAULTS,
  ProxmoxSpec: SPEC_DEFAULTS.proxmox,
  ImagesSpec: SPEC_DEFAULTS.images,
  TalosSpec: SPEC_DEFAULTS.talos,
  RegistryMirrorSpec: REGISTRY_MIRROR_DEFAULTS,
  CiliumSpec: SPEC_DEFAULTS.cilium,
  TailscaleSpec: SPEC_DEFAULTS.tailscale,
  FluxSpec: SPEC_DEFAULTS.flux,
  PlatformSpec: SPEC_DEFAULTS.platform,
  AirGapSpec: {},
  VersionsSpec: SPEC_DEFAULTS.versions,
};

/** Where the schema of an interface stands. */
const { shape } = clusterSchema;
const nodePool = shape.nodePools.valueType;
const pool = nodePool.shape;
const node = pool.nodes.unwrap().valueType.shape;
const networkCard = node.network.unwrap().shape;
const SHAPES: Readonly<Record<string, object>> = {
  ClusterSpec: shape,
  NetworkSpec: shape.network.shape,
  VipSpec: shape.vip.shape,
  LoadBalancerPoolSpec: shape.loadBalancerPools.unwrap().valueType.shape,
  AnnouncementsSpec: shape.announcements.unwrap().shape,
  BgpPeerSpec: shape.announcements.unwrap().shape.peers.unwrap().unwrap().element.shape,
  NodePoolSpec: pool,
  NodeSpec: node,
  NodeSizeSpec: node.size.unwrap().shape,
  TaintSpec: node.taints.unwrap().unwrap().element.shape,
  DiskSpec: pool.disks.unwrap().valueType.shape,
  NodeNetworkSpec: pool.network.unwrap().shape,
  NetworkCardSpec: { mac: networkCard.mac }, // beside those of NodeNetworkSpec
  VmSizeSpec: nodePool.shape.size.unwrap().shape,
  ProxmoxSpec: shape.proxmox.shape,
  ImagesSpec: shape.images.unwrap().shape,
  TalosSpec: shape.talos.unwrap().shape,
  RegistryMirrorSpec: shape.talos.unwrap().shape.registryMirrors.unwrap().valueType.shape,
  CiliumSpec: shape.cilium.unwrap().shape,
  TailscaleSpec: shape.tailscale.unwrap().shape,
  FluxSpec: shape.flux.shape,
  PlatformSpec: shape.platform.unwrap().shape,
  AirGapSpec: shape.airGap.unwrap().shape,
  VersionsSpec: shape.versions.unwrap().shape,
};

interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly text: string;
  readonly defaultTag: string | undefined;
}

const interfaces = new Map<string, Field[]>(
  specInterfaces().map((declaration) => [
    declaration.name.text,
    declaration.members.filter(ts.isPropertySignature).map((member) => {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
      return {
        name: member.name.getText(),
        optional: member.questionToken !== undefined,
        text: ts
          .getJSDocCommentsAndTags(member)
          .map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? '')
          .join(''),
        defaultTag: tag && ts.getTextOfJSDocComment(tag.comment),
      };
    }),
  ]),
);

/** Values as the tag has them; a tag that begins with a dash is words on a value that is computed. */
const tagged = (fields: readonly Field[]): Record<string, unknown> =>
  Object.fromEntries(
    fields.flatMap(({ name, defaultTag }) =>
      defaultTag === undefined || defaultTag.startsWith('-') ? [] : [[name, JSON.parse(defaultTag) as unknown]],
    ),
  );

describe('the reference of the spec', () => {
  test('covers every section', () => {
    expect([...interfaces.keys()].sort()).toEqual(Object.keys(SHAPES).sort());
    expect(Object.keys(DEFAULTS)).toEqual(Object.keys(SHAPES));
  });

  test.each(Object.keys(SHAPES))('%s has the fields of its schema, in the same order', (section) => {
    const fields = interfaces.get(section) ?? [];
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(SHAPES[section] ?? {}));
    expect(fields.filter(({ text }) => text === '')).toEqual([]);
  });

  test.each(Object.keys(SHAPES))('%s says the defaults that apply', (section) => {
    expect(tagged(interfaces.get(section) ?? [])).toEqual(DEFAULTS[section]);
  });

  test.each(Object.keys(SHAPES))(
    '%s says of each optional field what it is when left out, but for whole sections',
    (section) => {
      const silent = (interfaces.get(section) ?? []).filter(
        (field) => field.optional && field.defaultTag === undefined,
      );
      const sections = [
        'announcements',
        'images',
        'talos',
        'cilium',
        'tailscale',
        'platform',
        'airGap',
        'versions',
        'size',
        'network',
      ];
      expect(silent.map(({ name }) => name).filter((name) => !sections.includes(name))).toEqual([]);
    },
  );
});
