import { type Command, Option } from 'commander'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import { lintRules } from '../lint/lint-rules.ts'

interface LintOptions extends CommonOptions {
  readonly ignore?: readonly string[]
}

interface Finding {
  readonly worker: string
  readonly code: string
  readonly name: string
  readonly sentence: string
  readonly fix: string
}

/** `millrace lint MODULE…`: what works today and fails some day. */
export function addLint(program: Command, cli: Cli): void {
  const command = program
    .command('lint <module...>')
    .description('Checks topologies without a broker. Exit code 1: something was found.')
    .addOption(new Option('--ignore <code...>', 'rules to leave out').choices(lintRules.map(({ code }) => code)))
  withCommonOptions(command)
  withExamples(command, 'millrace lint ./topology.ts', 'millrace lint ./dist/*.js --ignore SUPPRESS_UNBOUNDED')
  command.addHelpText(
    'after',
    `\nRules:\n${lintRules.map(({ code, sentence }) => `  ${code}: ${sentence}`).join('\n')}`,
  )
  cli.action<LintOptions>(command, async (options, ...modules) => {
    const findings: Finding[] = []
    for (const module of modules) findings.push(...(await findingsOf(cli, module, options)))
    if (options.json === true) cli.printJson({ findings })
    else cli.print(findings.map(lineOf).join('\n') || `nothing found in ${modules.join(', ')}`)
    return findings.length > 0 ? 1 : 0
  })
}

async function findingsOf(cli: Cli, module: string, options: LintOptions): Promise<readonly Finding[]> {
  const worker = await cli.worker(module, options)
  const rules = lintRules.filter(({ code }) => options.ignore?.includes(code) !== true)
  return rules.flatMap(({ code, sentence, fix, found }) =>
    found(worker).map((name) => ({ worker: worker.name, code, name, sentence, fix })),
  )
}

function lineOf({ worker, code, name, sentence, fix }: Finding): string {
  return `${worker}: ${code}: ${name} ${sentence}: ${fix}`
}
