import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../operations/cli';
import { MANUAL_FILE, manualText, SCHEMA_FILE, schemaText } from '../../../operations/spec/spec';
import { GOOD_SPEC, printedOf } from '../../../specs/reference/mistakes';
import { inMemory } from '../surroundings';

describe('T-2 the reference of the spec', () => {
  test('docs/SPEC.md is what `npm run update` writes', () => {
    expect(readFileSync(MANUAL_FILE, 'utf8')).toBe(manualText());
  });

  test('specs/cluster.schema.json is what `npm run update` writes', () => {
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(schemaText());
  });

  test('the schema has the words, bounds and defaults of a field', () => {
    const { properties } = JSON.parse(schemaText()) as {
      properties: { nodePools: { additionalProperties: { properties: Record<string, unknown>; required: string[] } } };
    };
    const pool = properties.nodePools.additionalProperties;
    expect(pool.properties['count']).toEqual({
      description:
        'Number of nodes. Control planes of all pools: 1 to 9, of which an even number helps nobody; workers of all pools: 0 to 1000. When left out: 3 control planes, 2 workers.',
      type: 'integer',
      minimum: 0,
      maximum: 1000,
      examples: [3],
    });
    expect(pool.required).toEqual(['role', 'firstAddress']);
  });

  test('nothing is wrong in the spec that the ten mistakes are made from', () => {
    expect(printedOf(GOOD_SPEC)).toBe('0 errors, 0 warnings');
  });

  test('no mistake goes unnoticed, and each has its line', () => {
    const printed = [...manualText().matchAll(/```text\n(\w+ [-\w]+) at \S+.* \(clusters\/lab\.yaml:\d+:\d+\)/g)];
    expect(printed.map(([, code]) => code)).toEqual([
      'error unknown-field',
      'error missing-field',
      'error invalid-address',
      'error yaml-syntax',
      'error duplicate-key',
      'error wrong-type',
      'error duplicate-address',
      'error vip-in-pool',
      'error pool-too-small',
      'warning even-control-planes',
    ]);
  });
});

describe('groundwork spec check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-spec-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'good.yaml'), GOOD_SPEC);
  writeFileSync(
    join(folder, 'wrong.yaml'),
    GOOD_SPEC.replace('name: lab', 'name: wrong')
      .replace('atlas:8006', 'titan:8006')
      .replace('10.0.3.1\n', '10.0.3.4\n'),
  );
  const run = async (...parameters: readonly string[]): Promise<readonly [number, string, string]> => {
    const { surroundings, out, err } = inMemory({ GROUNDWORK_CLUSTERS_DIR: folder });
    return [await main(['spec', 'check', ...parameters], surroundings), out(), err()];
  };

  test('tells what is wrong in all clusters, and exits with 1', async () => {
    expect(await run()).toEqual([
      1,
      [
        `error vip-in-pool at vip.address (${folder}/wrong.yaml:7:12)`,
        '  the VIP 10.0.3.4 is in the range 10.0.3.4-10.0.3.20 of pool services, whose addresses go to services',
        '  fix: move the VIP, or take it out of loadBalancerPools.services.range: 10.0.3.5-10.0.3.20',
        '',
        '1 error, 0 warnings',
        '',
      ].join('\n'),
      '',
    ]);
  });

  test('of one cluster says what is in its file', async () => {
    expect(await run('lab')).toEqual([0, '', `nothing is wrong in ${folder}/good.yaml\n`]);
    expect(await run('nowhere')).toEqual([1, '', 'error: no cluster is called "nowhere"; there are lab, wrong\n']);
  });

  test('as JSON has code, place and fix apart', async () => {
    const [status, out] = await run('wrong', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toEqual([
      {
        code: 'vip-in-pool',
        severity: 'error',
        path: 'vip.address',
        message: 'the VIP 10.0.3.4 is in the range 10.0.3.4-10.0.3.20 of pool services, whose addresses go to services',
        fix: 'move the VIP, or take it out of loadBalancerPools.services.range: 10.0.3.5-10.0.3.20',
        place: { file: `${folder}/wrong.yaml`, line: 7, column: 12 },
      },
    ]);
  });
});
