import { stringify } from 'yaml';
import { formatIssues, formatPlace } from '../../modules/model/issue';
import { readYaml } from '../../specs/yaml-file';
import { validSpec } from '../fixtures/valid-spec';

const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;

describe('T-2 a spec in YAML', () => {
  test('is the same value as in TypeScript', () => {
    const { specs, issues } = readYaml(stringify(validSpec()), 'lab.yaml');
    expect(issues).toEqual([]);
    expect(specs.map(({ spec }) => spec)).toEqual([validSpec()]);
  });

  const text = lines(
    '# a cluster', // line 1
    'network:',
    '  cidr: 10.0.0.0/16',
    '  nameServers: [1.1.1.1, 9.9.9.999]',
    'nodePools:', // line 5
    '  worker: { role: worker, count: 2 }',
    '  a.b:',
    '    count: 1',
    'proxmox:',
    '  hosts:', // line 10
    '    - atlas',
    '    - -',
  );
  test.each([
    ['the value of a field', 'network.cidr', 'invalid-network', '3:9'],
    ['an item of a list in one line', 'network.nameServers[1]', 'invalid-address', '4:26'],
    ['an item of a list in several', 'proxmox.hosts[1]', 'wrong-type', '12:7'],
    ['the key of a list', 'proxmox.hosts', 'duplicate-host', '10:3'],
    ['a value inside braces', 'nodePools.worker.count', 'worker-count', '6:34'],
    ['the key of a field that is not known', 'network.cidr', 'unknown-field', '3:3'],
    ['the key of an entry with a dot in its name', 'nodePools.a.b', 'invalid-name', '7:3'],
    ['a field below such an entry', 'nodePools.a.b.count', 'out-of-range', '8:12'],
    ['the section that lacks the field', 'nodePools.worker.firstAddress', 'missing-field', '6:3'],
    ['the beginning, where a whole section lacks', 'flux.repository', 'missing-field', '2:1'],
  ])('an issue stands at %s', (_, path, code, place) => {
    const [found] = readYaml(text, 'lab.yaml').specs;
    expect(found && formatPlace(found.placeOf(path, code))).toBe(`lab.yaml:${place}`);
  });

  test.each([
    [
      'a key that stands twice, all of them',
      lines('name: lab', 'vip:', '  address: 10.0.3.1', '  address: 10.0.3.2', 'name: lab'),
      lines(
        'error duplicate-key at the file (lab.yaml:4:3)',
        '  key "address" stands twice; the first is on line 3',
        '  fix: remove one of them',
        '',
        'error duplicate-key at the file (lab.yaml:5:1)',
        '  key "name" stands twice; the first is on line 1',
        '  fix: remove one of them',
        '',
        '2 errors, 0 warnings',
      ),
    ],
    [
      'a fault of syntax',
      lines('name: lab', 'proxmox:', '  endpoint: https://atlas:8006/', '   hosts: [atlas]'),
      lines(
        'error yaml-syntax at the file (lab.yaml:3:13)',
        '  nested mappings are not allowed in compact mappings',
        '  fix: mend the line: two spaces for each level, a space after each colon, quotes where a text holds a colon',
        '',
        '1 error, 0 warnings',
      ),
    ],
    [
      'a second document',
      lines('name: lab', '---', 'name: other'),
      lines(
        'error yaml-syntax at the file (lab.yaml:2:1)',
        '  a second document begins here; a file holds one cluster',
        '  fix: mend the line: two spaces for each level, a space after each colon, quotes where a text holds a colon',
        '',
        '1 error, 0 warnings',
      ),
    ],
    [
      'an alias without its anchor',
      lines('name: lab', 'vip: *elsewhere'),
      lines(
        'error yaml-syntax at the file (lab.yaml:2:6)',
        '  unresolved alias (the anchor must be set before the alias): elsewhere',
        '  fix: mend the line: two spaces for each level, a space after each colon, quotes where a text holds a colon',
        '',
        '1 error, 0 warnings',
      ),
    ],
  ])('%s is a finding with its place', (_, source, printed) => {
    expect(`${formatIssues(readYaml(source, 'lab.yaml').issues)}\n`).toBe(printed);
  });
});
