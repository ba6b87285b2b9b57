import fc from 'fast-check';
import { parse } from 'yaml';
import { schematicId, schematicText, type Schematic } from '../../images/schematic';
import { STATIC_NETWORK } from '../fixtures/platform-network';

const AGENT = 'siderolabs/qemu-guest-agent';
const TAILSCALE = 'siderolabs/tailscale';
const overlay = { name: 'rpi_generic', image: 'siderolabs/sbc-raspberrypi' };

/**
 * Ids that the factory's own code computed: siderolabs/image-factory v0.6.4 pkg/schematic, and the literals of its
 * schematic_test.go.
 */
const KNOWN: readonly [what: string, schematic: Schematic, bytes: number, id: string][] = [
  ['empty', {}, 18, '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba'],
  [
    'empty lists',
    { extraKernelArgs: [], meta: [], officialExtensions: [] },
    18,
    '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba',
  ],
  [
    'guest agent',
    { officialExtensions: [AGENT] },
    107,
    'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515',
  ],
  [
    'kernel argument and two extensions',
    { extraKernelArgs: ['net.ifnames=0'], officialExtensions: [AGENT, TAILSCALE] },
    187,
    '701705bc4c0193db66db4cc8706200eb392a0397a524c1e682f53e5a7c483a70',
  ],
  [
    'the extensions the other way round',
    { extraKernelArgs: ['net.ifnames=0'], officialExtensions: [TAILSCALE, AGENT] },
    187,
    '31e507a48e19e6326f615ef11f1b499ad232f79ed4361f69712cd6cf396253bd',
  ],
  [
    'META key 10 with a static network',
    {
      extraKernelArgs: ['net.ifnames=0'],
      meta: [{ key: 10, value: STATIC_NETWORK }],
      officialExtensions: [AGENT, TAILSCALE],
    },
    1295,
    'a2520e28ea0f2114d3fc60228d86e3d8820d89ce52fab9d016d02b4f2704620f',
  ],
  [
    'a META value that needs quotes',
    { meta: [{ key: 10, value: '{"a":"b: c"}' }] },
    75,
    '0ec57c34224c9643743415e49de5880ba4002a7d7df90b5a8b8c42794436cb9c',
  ],
  [
    'a META value without a final line break',
    { meta: [{ key: 10, value: 'a: 1\nb: 2' }] },
    97,
    'd2b38029ea3f15af0546705e919edf290427aa2e9a49383be17bb2f3b67e6f05',
  ],
  [
    'a plain META value',
    { meta: [{ key: 10, value: 'foo' }] },
    64,
    'd308a2a5ee2277bed5fbaa104fcbc8d59122abfa737df987a95b4ca763459a7f',
  ],
  [
    'SecureBoot with well-known certificates',
    { secureBoot: { includeWellKnownCertificates: true } },
    74,
    'fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6',
  ],
  [
    'overlay with options',
    { overlay: { ...overlay, options: { b: 'x', a: 1 } } },
    126,
    '021e0d1618bbe283d6845863879c3e175c88319f812aa7d5ffbb7d2168223ab6',
  ],
  ['overlay', { overlay }, 87, 'ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9'],
  [
    'two kernel arguments',
    { extraKernelArgs: ['noapic', 'nolapic'] },
    71,
    '9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c',
  ],
];

describe('T-6 schematic id', () => {
  test.each(KNOWN)('%s', (_, schematic, bytes, id) => {
    expect(schematicText(schematic).length).toBe(bytes);
    expect(schematicId(schematic)).toBe(id);
  });

  test('the text of kernel argument, META and extensions', () => {
    const schematic: Schematic = {
      officialExtensions: [AGENT],
      meta: [{ key: 10, value: 'addresses: []\nlinks: []\n' }],
      extraKernelArgs: ['net.ifnames=0'],
    };
    expect(schematicText(schematic)).toBe(`customization:
    extraKernelArgs:
        - net.ifnames=0
    meta:
        - key: 10
          value: |
            addresses: []
            links: []
    systemExtensions:
        officialExtensions:
            - siderolabs/qemu-guest-agent
`);
  });

  test('an overlay option whose place in the order is not certain is refused', () => {
    expect(() => schematicText({ overlay: { ...overlay, options: { a1: 1 } } })).toThrow(
      new RangeError('overlay option "a1" has no canonical place: letters only'),
    );
  });

  test('every schematic parses back to what it was', () => {
    const argument = fc.stringMatching(/^[a-z][a-z.]{0,9}(=[!-~]{0,9})?$/);
    const value = fc.oneof(
      fc.constant(STATIC_NETWORK),
      fc.json().filter((text) => /^[ -~]+$/.test(text)),
    );
    const schematics = fc.record({
      extraKernelArgs: fc.array(argument, { minLength: 1 }),
      meta: fc.array(fc.record({ key: fc.integer({ min: 0, max: 255 }), value }), { minLength: 1 }),
      officialExtensions: fc.array(fc.constantFrom(AGENT, TAILSCALE), { minLength: 1 }),
    });
    fc.assert(
      fc.property(schematics, ({ extraKernelArgs, meta, officialExtensions }) => {
        expect(parse(schematicText({ extraKernelArgs, meta, officialExtensions }))).toEqual({
          customization: { extraKernelArgs, meta, systemExtensions: { officialExtensions } },
        });
      }),
    );
  });
});
