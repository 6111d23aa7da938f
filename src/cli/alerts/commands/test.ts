import type { Command } from 'commander'
import { type AlertExampleResult, runAlertExamples } from '../../../alerts/index.ts'
import { counted } from '../../../core/counted.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { Cli } from '../../cli.ts'
import { withExamples } from '../../common-options.ts'
import { readRules } from '../alert-file.ts'

interface TestedFile {
  readonly file: string
  readonly rules: number
  readonly results: readonly AlertExampleResult[]
}

/** `millrace alerts test FILE...`: the examples of rule files. */
export function addAlertsTest(alerts: Command, cli: Cli): void {
  const command = alerts
    .command('test <file...>')
    .description('Checks rule files and runs their examples. Exit code 1: one came out otherwise.')
    .option('--json', 'print JSON')
  withExamples(command, 'millrace alerts test alerts/*.yaml')
  cli.action<{ readonly json?: boolean }>(command, async ({ json }, ...files) => {
    const tested = await testedFiles(cli, files)
    if (json === true) cli.printJson({ files: tested })
    else for (const one of tested) cli.print(testedText(one))
    const failed = tested.flatMap(({ results }) => results).filter(isWrong)
    if (json !== true) cli.print(countsText(tested, failed.length))
    return failed.length > 0 ? 1 : 0
  })
}

/** Reads every file before the mistakes of the first one are thrown, so that one run names all. */
async function testedFiles(cli: Cli, files: readonly string[]): Promise<readonly TestedFile[]> {
  const tested: TestedFile[] = []
  const failures: MillraceError[] = []
  for (const file of files) {
    try {
      const rules = await readRules(cli, file)
      tested.push({ file, rules: rules.length, results: runAlertExamples(rules) })
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error
      failures.push(error)
    }
  }
  const [failure, ...others] = failures
  if (failure === undefined) return tested
  for (const other of others) cli.warn(other.message)
  throw failure
}

function isWrong({ differences }: AlertExampleResult): boolean {
  return differences.length > 0
}

function testedText({ file, results }: TestedFile): string {
  if (results.length === 0) return `${file}: is right, and has no examples`
  return results.map((result) => resultText(file, result)).join('\n')
}

function resultText(file: string, result: AlertExampleResult): string {
  const { rule, example, differences } = result
  const name = `${rule}: ${example.name}`
  if (!isWrong(result)) return `${file}: ok: ${name}`
  return [
    `${file}: FAILED: ${name}`,
    ...example.logs.map((logs) => `    input: ${JSON.stringify(logs)}`),
    ...example.expect.map((change) => `    expected: ${JSON.stringify(change)}`),
    ...(example.expect.length === 0 ? ['    expected: nothing'] : []),
    ...differences.map((difference) => `    ${difference}`),
  ].join('\n')
}

function countsText(tested: readonly TestedFile[], failed: number): string {
  const sum = (count: (one: TestedFile) => number) => tested.reduce((total, one) => total + count(one), 0)
  const examples = sum(({ results }) => results.length)
  const rules = sum((one) => one.rules)
  return `${counted(tested.length, 'file')}, ${counted(rules, 'rule')}, ${counted(examples, 'example')}: ${examples - failed} right, ${failed} wrong`
}
