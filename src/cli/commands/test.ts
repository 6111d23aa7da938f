import type { Command } from 'commander'
import { counted } from '../../core/counted.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import { runExample } from '../examples/run-example.ts'

interface ExampleResult {
  readonly worker: string
  readonly example: string
  /** Empty: all is as expected. */
  readonly differences: readonly string[]
}

/** `millrace test MODULE…`: runs the examples that workers carry. */
export function addTest(program: Command, cli: Cli): void {
  const command = program
    .command('test <module...>')
    .description('Runs the examples of workers without a broker. Exit code 1: one failed, or there is none.')
  withCommonOptions(command)
  withExamples(command, 'millrace test ./worker.ts', 'millrace test ./dist/workers/*.js --json')
  cli.action<CommonOptions>(command, async (options, ...modules) => {
    const results: ExampleResult[] = []
    for (const module of modules) results.push(...(await resultsOf(cli, module, options)))
    const failed = results.filter(({ differences }) => differences.length > 0).length
    if (options.json === true) cli.printJson({ results })
    else cli.print([...results.flatMap(linesOf), `${counted(results.length, 'example')}, ${failed} failed`].join('\n'))
    return failed > 0 || results.length === 0 ? 1 : 0
  })
}

async function resultsOf(cli: Cli, module: string, options: CommonOptions): Promise<readonly ExampleResult[]> {
  const worker = await cli.worker(module, options)
  if (worker.examples.length === 0) cli.warn(`${module} has no examples: list some in examples of defineWorker`)
  const results: ExampleResult[] = []
  for (const example of worker.examples)
    results.push({ worker: worker.name, example: example.name, differences: await runExample(worker, example) })
  return results
}

function linesOf({ worker, example, differences }: ExampleResult): readonly string[] {
  const verdict = differences.length === 0 ? 'ok    ' : 'failed'
  return [`${verdict} ${worker}: ${example}`, ...differences.map((difference) => `         ${difference}`)]
}
