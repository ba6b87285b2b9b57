import { goYaml } from '../../../lab/image-factory/go-yaml';
import { parseSchematic } from '../../../lab/image-factory/schematic';
import { STATIC_NETWORK } from '../../fixtures/platform-network';

/** Ids computed with the image-factory package itself (v0.6.4, and v1.5.0 for the same bytes). */
describe('T-6 the factory gives a schematic the id of its canonical text', () => {
  test.each([
    ['an empty one', 'customization: {}\n', 18, '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba'],
    [
      'the guest agent',
      'customization: {systemExtensions: {officialExtensions: [siderolabs/qemu-guest-agent]}}',
      107,
      'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515',
    ],
    [
      'a kernel argument and two extensions, hand-written with two spaces',
      'customization:\n  systemExtensions:\n    officialExtensions:\n    - siderolabs/qemu-guest-agent\n    - siderolabs/tailscale\n  extraKernelArgs:\n  - "net.ifnames=0" # by hand\n',
      187,
      '701705bc4c0193db66db4cc8706200eb392a0397a524c1e682f53e5a7c483a70',
    ],
    [
      'the same two extensions in the other order',
      'customization:\n  extraKernelArgs: [net.ifnames=0]\n  systemExtensions:\n    officialExtensions: [siderolabs/tailscale, siderolabs/qemu-guest-agent]\n',
      187,
      '31e507a48e19e6326f615ef11f1b499ad232f79ed4361f69712cd6cf396253bd',
    ],
    [
      'a META value that needs single quotes, its key in base 16',
      'customization:\n  meta:\n  - key: 0xa\n    value: "{\\"a\\":\\"b: c\\"}"\n',
      75,
      '0ec57c34224c9643743415e49de5880ba4002a7d7df90b5a8b8c42794436cb9c',
    ],
    [
      'a META value of two lines without a last line end',
      'customization:\n  meta:\n  - {key: 10, value: "a: 1\\nb: 2"}\n',
      97,
      'd2b38029ea3f15af0546705e919edf290427aa2e9a49383be17bb2f3b67e6f05',
    ],
    [
      'Secure Boot with well-known certificates',
      'customization:\n  secureboot: {includeWellKnownCertificates: true}\n',
      74,
      'fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6',
    ],
    [
      'an overlay, its options sorted',
      'overlay: {options: {b: x, a: 1}, name: rpi_generic, image: siderolabs/sbc-raspberrypi}\n',
      126,
      '021e0d1618bbe283d6845863879c3e175c88319f812aa7d5ffbb7d2168223ab6',
    ],
  ])('%s', (_name, body, bytes, id) => {
    const schematic = parseSchematic(body);
    expect(Buffer.byteLength(schematic.canonical)).toBe(bytes);
    expect(schematic.id).toBe(id);
    expect(parseSchematic(schematic.canonical)).toEqual(schematic);
  });

  test('META key 10 with a static address', () => {
    const body = JSON.stringify({
      customization: {
        extraKernelArgs: ['net.ifnames=0'],
        meta: [{ key: 10, value: STATIC_NETWORK }],
        systemExtensions: { officialExtensions: ['siderolabs/qemu-guest-agent', 'siderolabs/tailscale'] },
      },
    });
    const schematic = parseSchematic(body);
    expect(Buffer.byteLength(schematic.canonical)).toBe(1295);
    expect(schematic.id).toBe('a2520e28ea0f2114d3fc60228d86e3d8820d89ce52fab9d016d02b4f2704620f');
  });
});

describe('what a factory refuses, in the words of Go', () => {
  test.each([
    [
      'an unknown field',
      'customization:\n  extraArgs: []\n',
      'yaml: unmarshal errors:\n  line 2: field extraArgs not found in type schematic.Customization',
    ],
    [
      'every fault at once, by line',
      'customization:\n  meta:\n  - {key: ten, value: 1}\n  - {key: 256, value: 1}\nother: 1\n',
      'yaml: unmarshal errors:\n  line 3: cannot unmarshal !!str `ten` into uint8\n  line 4: cannot unmarshal !!int `256` into uint8\n  line 5: field other not found in type schematic.Schematic',
    ],
    ['an empty body', '', 'EOF'],
    ['an owner', 'owner: me\ncustomization: {}\n', 'owner field is only supported in Enterprise edition'],
  ])('%s', (_name, body, message) => {
    expect(() => parseSchematic(body)).toThrow(new Error(message));
  });
});

describe('YAML as Go writes it', () => {
  test.each([
    ['yes', '"yes"'],
    ['1', '"1"'],
    ['0x1f', '"0x1f"'],
    ['1:20', '"1:20"'],
    ['2001-01-01', '"2001-01-01"'],
    ['', '""'],
    ['null', '"null"'],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ["it's: so", "'it''s: so'"],
    ['@x', "'@x'"],
    [' x', "' x'"],
    ['a\tb', '"a\\tb"'],
    ['-foo', '-foo'],
    ['x=y', 'x=y'],
    ['console=tty0', 'console=tty0'],
    ['https://a.b/c', 'https://a.b/c'],
    ['a:b', 'a:b'],
    ['a \nb', '"a \\nb"'],
    ['a\nb', '|-\n    a\n    b'],
    ['a\n\nb\n', '|\n    a\n\n    b'],
  ])('%j is written %j', (text, written) => {
    expect(goYaml({ key: text })).toBe(`key: ${written}\n`);
  });

  test('lists are indented under their key, and maps in them by two', () => {
    expect(goYaml({ a: { b: [{ c: 1, d: ['x'] }, 'y'] }, e: {}, f: [] })).toBe(
      'a:\n    b:\n        - c: 1\n          d:\n            - x\n        - "y"\ne: {}\nf: []\n',
    );
  });
});
