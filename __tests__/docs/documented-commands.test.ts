import { faultsOf } from './command-faults';
import { commandsOfText, documentedCommands, documents } from './documented-commands';

/** Five programs are asked, each in a process of its own. */
const LIMIT_MS = 120_000;

describe('T-22 commands in the documents', () => {
  test('are found in every document that has one', () => {
    const files = new Set(documentedCommands().map(({ place }) => place.split(':')[0]));
    expect(['README.md', 'CONTRIBUTING.md', 'docs/OPERATIONS.md'].filter((file) => !files.has(file))).toEqual([]);
    expect(documents()).toContain('docs/adr/0001-cdktf.md');
    expect(documentedCommands().length).toBeGreaterThan(120);
  });

  test(
    'are all taken by the program that they name',
    async () => {
      expect(await faultsOf(documentedCommands())).toEqual([]);
    },
    LIMIT_MS,
  );

  test(
    'that no program takes are named, with their place',
    async () => {
      const text = [
        'Run `npx groundwork reviews`, then `npm run tset`.',
        '```sh',
        'npx groundwork review --makrdown   # a comment',
        'npx groundwork lab rehearse --keeep && npx groundwork platform diff --al',
        'A=1 npx cdktf deploy infrastructure --auto-aprove > log',
        'talosctl --nodes 10.0.1.1 etcd leaf',
        '```',
      ].join('\n');
      expect(await faultsOf(commandsOfText(text, 'doc.md'))).toEqual([
        "doc.md:1: npx groundwork reviews: error: unknown command 'reviews'\n(Did you mean review?)",
        'doc.md:1: npm run tset: package.json has no script "tset"',
        "doc.md:3: npx groundwork review --makrdown: error: unknown option '--makrdown'\n(Did you mean --markdown?)",
        "doc.md:4: npx groundwork lab rehearse --keeep: error: unknown option '--keeep'\n(Did you mean --keep?)",
        'doc.md:5: npx cdktf deploy infrastructure --auto-aprove: cdktf deploy has no --auto-aprove',
        'doc.md:6: talosctl --nodes 10.0.1.1 etcd leaf: talosctl has no command "etcd leaf" in the table (siderolabs/talos, website/content/v1.12/reference/cli.md)',
        "doc.md:4: npx groundwork platform diff --al: error: unknown option '--al'",
      ]);
    },
    LIMIT_MS,
  );
});
