import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CHECKOUT = join(__dirname, '..', '..');
const ROOMS = ['modules', 'stacks', 'specs', 'operations', 'lab', 'platform'];

const sources = ROOMS.flatMap((room) =>
  readdirSync(join(CHECKOUT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|cjs)$/.test(file))
    .map((file) => readFileSync(join(CHECKOUT, room, file), 'utf8')),
).concat(readFileSync(join(CHECKOUT, 'main.ts'), 'utf8'));

/** Words of others, which no source of ours has, and where they are from. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  'cannot resize disks while the VM is running because this change requires the VM to be powered off':
    'bpg/proxmox 0.111.1, seen on the lab',
  'Kubernetes cluster unreachable': 'hashicorp/helm 1.3.2, seen on the lab',
};

/** What is printed word by word: not a number, a name, or what is left out. */
const fixedParts = (message: string): string[] =>
  message
    .split(/\d+|…|<[^>]*>|["():]/)
    .map((part) => part.trim())
    .filter((part) => part.length > 5);

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'");

/** A part as source text has it: any word of it may come from a `${…}`, one at least stands there. */
const inSource = (part: string): RegExp => {
  const words = part.split(' ').map(escaped);
  const alternatives = words.map((literal, at) =>
    words.map((word, index) => (index === at ? literal : `(?:${word}|\\$\\{[^}]*\\})`)).join(' '),
  );
  return new RegExp(alternatives.join('|'));
};

describe('T-22 docs/OPERATIONS.md, diagnosis by symptom', () => {
  const text = readFileSync(join(CHECKOUT, 'docs', 'OPERATIONS.md'), 'utf8');
  const [, section = ''] = text.split('## Diagnosis by symptom\n');
  const messages = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, message = '']) => message);

  test('lists what is printed', () => {
    expect(messages.length).toBeGreaterThan(10);
  });

  test.each(messages)('%s', (message) => {
    const parts = fixedParts(message);
    expect(parts).not.toEqual([]);
    expect(
      parts.filter((part) => OF_OTHERS[part] === undefined && !sources.some((source) => inSource(part).test(source))),
    ).toEqual([]);
  });
});
