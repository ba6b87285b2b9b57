/** Shells that completion is written for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Words that may follow a command. */
export interface CompletionWords {
  /** Names from below `groundwork`: empty for itself, `['node', 'remove']` for a command of a command. */
  readonly path: readonly string[];
  readonly words: readonly string[];
}

/** A case for each command, by the words typed before that are no options. */
const cases = (tree: readonly CompletionWords[], line: (words: string) => string): string =>
  tree
    .toSorted((one, other) => other.path.length - one.path.length)
    .map(({ path, words }) => `    '${path.map((name) => `${name} `).join('')}'*) ${line(words.join(' '))} ;;`)
    .join('\n');

const bash = (tree: readonly CompletionWords[]): string => `# bash completion of groundwork
_groundwork() {
  local current="\${COMP_WORDS[COMP_CWORD]}" typed='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) typed+="$word " ;; esac
  done
  case "$typed" in
${cases(tree, (words) => `words='${words}'`)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _groundwork groundwork
`;

const zsh = (tree: readonly CompletionWords[]): string => `#compdef groundwork
# zsh completion of groundwork
_groundwork() {
  local typed='' word
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$word" in -*) ;; *) typed+="$word " ;; esac
  done
  case "$typed" in
${cases(tree, (words) => `found=(${words})`)}
  esac
  compadd -- $found
}
if [ "$funcstack[1]" = _groundwork ]; then _groundwork "$@"; else compdef _groundwork groundwork; fi
`;

const fish = (tree: readonly CompletionWords[]): string =>
  [
    '# fish completion of groundwork',
    'function __groundwork_typed',
    "  set -l typed (string match --invert -- '-*' (commandline --tokens-expanded --cut-at-cursor)[2..])",
    '  test "$typed" = "$argv"',
    'end',
    ...tree.map(({ path, words }) =>
      `complete -c groundwork -n '__groundwork_typed ${path.join(' ')}' -a '${words.join(' ')}'`.replace(" '-n", ''),
    ),
    '',
  ].join('\n');

export const completionScript = (shell: Shell, tree: readonly CompletionWords[]): string =>
  ({ bash, zsh, fish })[shell](tree);
