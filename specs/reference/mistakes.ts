import { loadCluster } from '../../modules/model/load-cluster';
import { formatIssues, sortIssues } from '../../modules/model/issue';
import { readYaml } from '../yaml-file';

/** What the ten are made from: no finding. */
export const GOOD_SPEC = `# yaml-language-server: $schema=../specs/cluster.schema.json
name: lab
network:
  cidr: 10.0.0.0/16
  gateway: 10.0.0.1
vip:
  address: 10.0.3.1
loadBalancerPools:
  services:
    range: 10.0.3.4-10.0.3.20
nodePools:
  controlplane:
    role: controlplane
    count: 3
    firstAddress: 10.0.1.1
    lastAddress: 10.0.1.9
  worker:
    role: worker
    firstAddress: 10.0.2.1
proxmox:
  endpoint: https://atlas:8006/
  hosts: [atlas]
flux:
  repository: https://github.com/example-org/groundwork
`;

interface Mistake {
  readonly title: string;
  readonly lines: string;
  readonly instead: string;
}

/** Ten that people make, each a change of the good spec. */
const MISTAKES: readonly Mistake[] = [
  { title: 'A name misspelt', lines: '    count: 3\n', instead: '    counts: 3\n' },
  { title: 'A field that is missing', lines: '    firstAddress: 10.0.2.1\n', instead: '' },
  { title: 'A host where an address belongs', lines: '  gateway: 10.0.0.1\n', instead: '  gateway: router.lan\n' },
  { title: 'A line that is indented too far', lines: '  hosts: [atlas]\n', instead: '   hosts: [atlas]\n' },
  {
    title: 'A line that was copied and forgotten',
    lines: '  address: 10.0.3.1\n',
    instead: '  address: 10.0.3.1\n  address: 10.0.3.2\n',
  },
  { title: 'A number as text', lines: '    count: 3\n', instead: "    count: '3'\n" },
  { title: 'The VIP on a node', lines: '  address: 10.0.3.1\n', instead: '  address: 10.0.1.2\n' },
  { title: 'The VIP in a pool', lines: '  address: 10.0.3.1\n', instead: '  address: 10.0.3.4\n' },
  {
    title: 'More nodes than the range holds',
    lines: '    lastAddress: 10.0.1.9\n',
    instead: '    lastAddress: 10.0.1.2\n',
  },
  { title: 'Four control planes', lines: '    count: 3\n', instead: '    count: 4\n' },
];

/** What is printed of a spec in a file `clusters/lab.yaml`. */
export const printedOf = (text: string): string => {
  const { specs, issues } = readYaml(text, 'clusters/lab.yaml');
  const found = specs.flatMap(({ spec, placeOf }) =>
    loadCluster(spec).issues.map((issue) => ({ ...issue, place: placeOf(issue.path, issue.code) })),
  );
  return formatIssues(sortIssues([...issues, ...found]));
};

const fenced = (kind: string, text: string): string => `\`\`\`${kind}\n${text.trimEnd()}\n\`\`\``;

/** The section of the manual: the good spec, then what each change makes of it. */
export const mistakes = (): string =>
  [
    '## Ten mistakes, and what is printed',
    'All begin with this file, `clusters/lab.yaml`, in which nothing is wrong:',
    fenced('yaml', GOOD_SPEC),
    ...MISTAKES.flatMap(({ title, lines, instead }) => [
      `### ${title}`,
      instead === '' ? 'This line is missing:' : 'Instead of that line:',
      fenced('yaml', instead === '' ? lines : instead),
      fenced('text', printedOf(GOOD_SPEC.replace(lines, instead))),
    ]),
  ].join('\n\n');
