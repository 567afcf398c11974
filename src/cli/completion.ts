import type { Command } from 'commander';

/** The commands of a program, with their options, as a shell completes them. */
interface Completion {
  readonly name: string;
  readonly description: string;
  readonly options: readonly string[];
}

function completionsOf(program: Command): readonly Completion[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.flatMap(({ long }) => (long ? [long] : [])),
  }));
}

const SHELLS: Readonly<Record<string, (all: readonly Completion[]) => string>> = {
  bash: (all) => `# Put into ~/.bashrc:  source <(cinnabar completion bash)
_cinnabar() {
  local word="\${COMP_WORDS[COMP_CWORD]}" command="\${COMP_WORDS[1]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${all.map(({ name }) => name).join(' ')}" -- "$word"))
    return
  fi
  if [[ "$word" == -* ]]; then
    case "$command" in
${all.map(({ name, options }) => `      ${name}) COMPREPLY=($(compgen -W "${options.join(' ')}" -- "$word")) ;;`).join('\n')}
    esac
    return
  fi
  COMPREPLY=($(compgen -W "$(cinnabar completion --names "$command" 2>/dev/null)" -- "$word"))
}
complete -F _cinnabar cinnabar
`,
  zsh: (all) => `#compdef cinnabar
# Put into ~/.zshrc:  source <(cinnabar completion zsh)
_cinnabar() {
  local -a commands
  commands=(${all.map(({ name, description }) => `'${name}:${description.replaceAll("'", "'\\''").replaceAll(':', String.raw`\:`)}'`).join(' ')})
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  if [[ "$words[CURRENT]" == -* ]]; then
    case "$words[2]" in
${all.map(({ name, options }) => `      ${name}) compadd -- ${options.join(' ')} ;;`).join('\n')}
    esac
    return
  fi
  compadd -- \${(f)"$(cinnabar completion --names "$words[2]" 2>/dev/null)"}
}
compdef _cinnabar cinnabar
`,
  fish: (all) => `# Put into ~/.config/fish/completions/cinnabar.fish
complete -c cinnabar -f
${all
  .map(
    ({ name, description, options }) =>
      `complete -c cinnabar -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", String.raw`\'`)}'\n` +
      options
        .map((long) => `complete -c cinnabar -n '__fish_seen_subcommand_from ${name}' -l ${long.slice(2)}\n`)
        .join(''),
  )
  .join(
    '',
  )}complete -c cinnabar -n 'not __fish_use_subcommand' -a '(cinnabar completion --names (commandline -opc)[2] 2>/dev/null)'
`,
};

export const SHELL_NAMES: readonly string[] = Object.keys(SHELLS);

/** The script by which a shell completes commands, options and the names of revisions; undefined for a shell it does not know. */
export function completionScript(shell: string, program: Command): string | undefined {
  return SHELLS[shell]?.(completionsOf(program));
}

/** Commands that take the name of a revision. */
const TAKES_NAMES: Readonly<Record<string, readonly string[]>> = {
  upgrade: ['head', 'heads', '+1'],
  downgrade: ['base', '-1'],
  stamp: ['head', 'heads', 'base'],
  merge: ['heads'],
  squash: [],
  sql: [],
};

/** What may follow a command: the names of revisions, and words that mean one. */
export function namesFor(
  command: string,
  revisions: readonly { readonly id: string; readonly labels: readonly string[] }[],
): readonly string[] {
  const words = TAKES_NAMES[command];
  return words ? [...words, ...revisions.flatMap(({ id, labels }) => [id, ...labels])] : [];
}
