import { Argument, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { withExamples } from '../common-options.ts'

const shells = ['bash', 'zsh'] as const

/** `millrace completion bash|zsh`: a script that completes commands and options. */
export function addCompletion(program: Command, cli: Cli): void {
  const command = program
    .command('completion')
    .description('Prints a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
  withExamples(command, 'source <(millrace completion bash)', 'source <(millrace completion zsh)')
  cli.action(command, async (_options, shell) => {
    const script = bashScript(program)
    cli.print(shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${script}` : script)
    return 0
  })
}

/** The words that may follow each command; bash's rules, which zsh reads too. */
function bashScript(program: Command): string {
  const cases = entriesOf(program, []).map(([path, words]) => `    "${path.join(' ')}") words="${words.join(' ')}" ;;`)
  return `_millrace() {
  local path="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.join('\n')}
    esac
    if [ -n "$words" ] || [ -z "$path" ]; then break; fi
    case "$path" in *" "*) path="\${path% *}" ;; *) path="" ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _millrace millrace
`
}

function entriesOf(
  command: Command,
  path: readonly string[],
): readonly (readonly [readonly string[], readonly string[]])[] {
  const options = command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []))
  const words = [...command.commands.map((inner) => inner.name()), ...options, '--help']
  return [[path, words] as const, ...command.commands.flatMap((inner) => entriesOf(inner, [...path, inner.name()]))]
}
