import { manualClock } from '../../../lab/durations/clock';
import { PROFILES } from '../../../lab/durations/durations';
import { decodeDiskImage } from '../../../lab/hardware/disk-image';
import { startImageFactory, type ImageFactory } from '../../../lab/image-factory/image-factory';
import { ask, selfSigned, type Answer } from '../../setup/certificate';

const AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const AGENT_BODY = `customization:
    systemExtensions:
        officialExtensions:
            - siderolabs/qemu-guest-agent
`;

describe('the stand-in for Image Factory', () => {
  const clock = manualClock();
  let tls: { readonly cert: string; readonly key: string };
  let factory: ImageFactory;
  const call = (method: string, path: string, body?: string): Promise<Answer> =>
    ask(factory.port, tls.cert, { method, path }, body);
  const text = async (method: string, path: string, body?: string): Promise<string> => {
    const answer = await call(method, path, body);
    return `${answer.status} ${answer.body.toString()}`;
  };

  beforeAll(async () => {
    tls = await selfSigned();
  });
  beforeEach(async () => {
    factory = await startImageFactory({ host: '127.0.0.1', port: 0, tls, clock, durations: PROFILES.typical });
  });
  afterEach(() => factory.close());

  test('a posted schematic answers with its id and text, and is kept', async () => {
    const posted = await call('POST', '/schematics', AGENT_BODY);
    expect(posted.status).toBe(201);
    expect(posted.headers['content-type']).toBe('application/json');
    expect(JSON.parse(posted.body.toString())).toEqual({ id: AGENT, schematic: AGENT_BODY });
    const got = await call('GET', `/schematics/${AGENT}`);
    expect([got.status, got.headers['content-type'], got.body.toString()]).toEqual([
      200,
      'application/yaml',
      AGENT_BODY,
    ]);
    expect(factory.schematics()).toEqual([AGENT]);
    expect(factory.requests).toEqual([
      { method: 'POST', path: '/schematics', status: 201, canonical: true },
      { method: 'GET', path: `/schematics/${AGENT}`, status: 200 },
    ]);
  });

  test('a hand-written schematic gets the same id, and is noted as not canonical', async () => {
    await call(
      'POST',
      '/schematics',
      'customization: {systemExtensions: {officialExtensions: [siderolabs/qemu-guest-agent]}}',
    );
    expect(factory.schematics()).toEqual([AGENT]);
    expect(factory.requests[0]?.canonical).toBe(false);
  });

  test('an image tells what it was built from, is built once, and HEAD gives its size', async () => {
    await call('POST', '/schematics', AGENT_BODY);
    const before = clock.slept.length;
    const path = `/image/${AGENT}/v1.13.9/metal-amd64.qcow2`;
    const head = await call('HEAD', path);
    const [got, named] = await Promise.all([
      call('GET', path),
      call('GET', `/image/${AGENT}/1.13.9/metal-amd64.qcow2?filename=talos.qcow2`),
    ]);
    expect(head.status).toBe(200);
    expect(head.headers['content-length']).toBe(String(got.body.length));
    expect(head.body).toHaveLength(0);
    expect(got.headers).toMatchObject({
      'content-type': 'application/x-qemu-disk',
      'content-disposition': 'attachment; filename="metal-amd64.qcow2"',
    });
    expect(named.headers['content-disposition']).toBe('attachment; filename="talos.qcow2"');
    expect(decodeDiskImage(got.body)).toEqual({
      virtualSizeBytes: 1246 * 1024 * 1024,
      image: { talosVersion: 'v1.13.9', schematicId: AGENT, schematic: AGENT_BODY, platform: 'metal', arch: 'amd64' },
    });
    expect(clock.slept.slice(before)).toEqual([30_000]);
    expect(factory.built).toEqual([`${AGENT}/v1.13.9/metal-amd64.qcow2`]);
  });

  test('a Secure Boot image for arm64 and the nocloud platform says so', async () => {
    await call('POST', '/schematics', AGENT_BODY);
    const { body } = await call('GET', `/image/${AGENT}/v1.13.9/nocloud-arm64-secureboot.qcow2`);
    expect(decodeDiskImage(body).image).toMatchObject({ platform: 'nocloud', arch: 'arm64', secureBoot: true });
  });

  test.each([
    ['a schematic nobody posted', '/image/0123/v1.13.9/metal-amd64.qcow2', '404 schematic ID "0123" not found\n'],
    ['a schematic nobody posted, by its own route', '/schematics/0123', '404 schematic not found\n'],
    [
      'a Talos release that does not exist',
      `/image/${AGENT}/v1.13.99/metal-amd64.qcow2`,
      '404 version 1.13.99 is not available\n',
    ],
    ['text that is no release', `/image/${AGENT}/latest/metal-amd64.qcow2`, '500 internal server error\n'],
    [
      'a path without a disk format',
      `/image/${AGENT}/v1.13.9/metal-amd64`,
      '400 error parsing profile from path: invalid profile path: "metal-amd64"\n',
    ],
    [
      'an architecture that there is not',
      `/image/${AGENT}/v1.13.9/metal-riscv64.qcow2`,
      '400 error parsing profile from path: invalid architecture: "riscv64"\n',
    ],
    [
      'a checksum, which the open edition sells',
      `/image/${AGENT}/v1.13.9/metal-amd64.qcow2.sha256`,
      '402 enterprise not enabled: checksum endpoint is not available\n',
    ],
    [
      'extensions of a release that does not exist',
      '/version/v9.9.9/extensions/official',
      '404 version 9.9.9 is not available\n',
    ],
    ['an unknown route', '/image', '404 404 page not found\n'],
  ])('%s is refused', async (_name, path, answer) => {
    await call('POST', '/schematics', AGENT_BODY);
    expect(await text('GET', path)).toBe(answer);
  });

  test('an unknown field is refused when it is posted, an unknown extension when an image is asked for', async () => {
    expect(await text('POST', '/schematics', 'customisation: {}\n')).toBe(
      '400 yaml: unmarshal errors:\n  line 1: field customisation not found in type schematic.Schematic\n',
    );
    await call(
      'POST',
      '/schematics',
      'customization: {systemExtensions: {officialExtensions: [siderolabs/qemu-agent]}}',
    );
    const [id] = factory.schematics();
    expect(await text('GET', `/image/${String(id)}/v1.13.9/metal-amd64.qcow2`)).toBe(
      '400 error enhancing profile from schematic: official extension "siderolabs/qemu-agent" is not available for Talos version v1.13.9\n',
    );
    expect(factory.built).toEqual([]);
  });

  test('versions, extensions and overlays are lists', async () => {
    const list = async (path: string): Promise<unknown> => JSON.parse((await call('GET', path)).body.toString());
    expect(await list('/versions')).toEqual([
      'v1.9.0',
      'v1.9.2',
      'v1.10.0',
      'v1.11.0',
      'v1.12.0',
      'v1.13.0',
      'v1.13.8',
      'v1.13.9',
    ]);
    expect(await list('/versions?broken=true')).toEqual([]);
    expect(await list('/version/1.13.9/extensions/official')).toContainEqual({
      name: 'siderolabs/tailscale',
      ref: 'ghcr.io/siderolabs/tailscale:v1.13.9',
      digest: '',
      author: 'Sidero Labs',
      description: '',
    });
    expect(await list('/version/v1.13.9/overlays/official')).toContainEqual({
      name: 'rpi_generic',
      image: 'siderolabs/sbc-raspberrypi',
      ref: 'ghcr.io/siderolabs/sbc-raspberrypi:v1.13.9',
      digest: '',
    });
    expect(await text('GET', '/healthz')).toBe('200 ');
  });

  test('without a certificate it speaks plain HTTP', async () => {
    const plain = await startImageFactory({ host: '127.0.0.1', port: 0, clock });
    expect((await fetch(`http://127.0.0.1:${plain.port}/healthz`)).status).toBe(200);
    await plain.close();
  });

  test('faults: errors n times, a slow answer, half an image', async () => {
    factory.inject({ kind: 'status', times: 2, path: /^\/schematics$/ });
    expect(await text('POST', '/schematics', AGENT_BODY)).toBe('500 internal server error\n');
    expect(await text('POST', '/schematics', AGENT_BODY)).toBe('500 internal server error\n');
    expect((await call('POST', '/schematics', AGENT_BODY)).status).toBe(201);
    factory.inject({ kind: 'slow', ms: 7_000, times: 1 });
    await call('GET', '/versions');
    expect(clock.slept.at(-1)).toBe(7_000);
    factory.inject({ kind: 'truncated', times: 1 });
    const path = `/image/${AGENT}/v1.13.9/metal-amd64.qcow2`;
    await call('HEAD', path);
    await expect(call('GET', path)).rejects.toThrow('aborted');
    expect((await call('GET', path)).status).toBe(200);
  });
});
