import type { DocumentedCommand } from './documented-commands';
import { foreignFault } from './foreign-programs';
import { cdktfFault, groundworkFault, npmFault, npxFault, platformFaults } from './own-programs';

const fault = async (words: readonly string[]): Promise<string | undefined> => {
  const [program = '', ...rest] = words;
  if (program === 'npx') {
    const [name = '', ...passed] = rest;
    return npxFault(name) ?? (name === 'groundwork' || name === 'cdktf' ? fault([name, ...passed]) : undefined);
  }
  if (program === 'groundwork') return groundworkFault(rest);
  if (program === 'cdktf') return cdktfFault(rest);
  if (program === 'npm') return npmFault(rest);
  return foreignFault(words);
};

const isPlatform = ({ words }: DocumentedCommand): boolean =>
  words
    .slice(words[0] === 'npx' ? 1 : 0, -1)
    .join(' ')
    .startsWith('groundwork platform') || /^(npx )?groundwork platform/.test(words.join(' '));

/** What the programs say against the commands, each with its place; nothing is done. */
export const faultsOf = async (commands: readonly DocumentedCommand[]): Promise<string[]> => {
  const said = commands.map(async (command) => ({ command, is: await fault(command.words) }));
  const platform = commands.filter(isPlatform);
  const ofPlatform = platformFaults(platform.map(({ words }) => words.slice(words.indexOf('platform') + 1)));
  const all = [...(await Promise.all(said)), ...platform.map((command, index) => ({ command, is: ofPlatform[index] }))];
  return all.flatMap(({ command, is }) =>
    is === undefined ? [] : [`${command.place}: ${command.words.join(' ')}: ${is}`],
  );
};
