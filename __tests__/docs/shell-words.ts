/** A word of a command line, or one of the signs between commands. */
interface Token {
  readonly text: string;
  readonly isSign: boolean;
}

const SIGNS = ['&&', '||', '|', ';', '<(', ')', '>>', '>', '<'] as const;
/** After these the next word is a file, and no word of the command. */
const REDIRECTIONS: readonly string[] = ['>', '>>', '<'];

/** As POSIX' shell takes a line apart, as far as documents need it: quotes, comments, signs. */
const tokens = (line: string): Token[] => {
  const found: Token[] = [];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) found.push({ text: word, isSign: false });
    word = undefined;
  };
  for (let at = 0; at < line.length;) {
    const rest = line.slice(at);
    const quoted = /^'([^']*)'|^"((?:[^"\\]|\\.)*)"/.exec(rest);
    const sign = SIGNS.find((text) => rest.startsWith(text));
    if (quoted !== null) {
      word = `${word ?? ''}${quoted[1] ?? quoted[2] ?? ''}`;
      at += quoted[0].length;
    } else if (rest.startsWith('#') && word === undefined) {
      break;
    } else if (sign !== undefined) {
      endWord();
      found.push({ text: sign, isSign: true });
      at += sign.length;
    } else if (/^\s/.test(rest)) {
      endWord();
      at += 1;
    } else {
      word = `${word ?? ''}${rest[0] ?? ''}`;
      at += 1;
    }
  }
  endWord();
  return found;
};

/**
 * The commands of a line, each as its words: without assignments before it, redirections and comments. A placeholder,
 * `<node>`, is a word as any other.
 */
export const commandsOfLine = (line: string): readonly (readonly string[])[] => {
  const commands: string[][] = [[]];
  const withoutPlaceholders = line.replace(/<([a-z][\w./ -]*)>/g, (_, name: string) => name.replaceAll(' ', '-'));
  const all = tokens(withoutPlaceholders);
  all.forEach(({ text, isSign }, index) => {
    const before = all[index - 1];
    if (isSign) {
      if (!REDIRECTIONS.includes(text)) commands.push([]);
    } else if (!(before?.isSign === true && REDIRECTIONS.includes(before.text))) {
      commands.at(-1)?.push(text);
    }
  });
  return commands
    .map((words) =>
      words.slice(
        Math.max(
          0,
          words.findIndex((word) => !/^\w+=/.test(word)),
        ),
      ),
    )
    .filter((words) => words.length > 0);
};
