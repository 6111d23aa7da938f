import type { Command } from 'commander'
import { MillraceError } from '../../core/errors.ts'
import { systemClock } from '../../core/clock.ts'
import {
  createRedactor,
  type ExampleResult,
  fieldsText,
  finishedFields,
  importedPipeline,
  type ImportSource,
  importSources,
  type LogEvent,
  pipeline,
  pipelineSchema,
  type PipelineObserver,
  type Redactor,
  runExamples,
} from '../../pipelines/index.ts'
import type { Cli } from '../cli.ts'
import { withExamples } from '../common-options.ts'
import type { ExitCode } from '../host.ts'
import { redactionKey } from '../pipeline/redaction-key.ts'
import { readPipeline, readText } from '../pipeline/pipeline-file.ts'
import { jsonView, textView, type TryView } from '../pipeline/try-view.ts'

interface JsonOptions {
  readonly json?: boolean
}

interface TryOptions extends JsonOptions {
  readonly steps?: boolean
  readonly source: string
}

/** `millrace pipeline test|try|import|schema`: pipelines without a broker. */
export function addPipeline(program: Command, cli: Cli): void {
  const group = program.command('pipeline').description('Checks, tries and converts the pipelines of log workers.')
  addTestCommand(group, cli)
  addTryCommand(group, cli)
  addImportCommand(group, cli)
  addSchemaCommand(group, cli)
}

function addSchemaCommand(group: Command, cli: Cli): void {
  const command = group.command('schema').description('Prints the JSON Schema of pipeline files, for editors.')
  withExamples(command, 'millrace pipeline schema > pipeline.schema.json')
  cli.action(command, async () => {
    cli.printJson(pipelineSchema)
    return 0
  })
}

function addTestCommand(group: Command, cli: Cli): void {
  const command = group
    .command('test <file...>')
    .description('Checks pipeline files and runs their examples. Exit code 1: one came out otherwise.')
  withJson(command)
  withExamples(command, 'millrace pipeline test pipelines/*.yaml')
  cli.action<JsonOptions>(command, async ({ json }, ...files) => {
    const tested: TestedFile[] = []
    const failures: MillraceError[] = []
    for (const file of files) {
      try {
        tested.push({ file, results: runExamples(await readPipeline(cli, file), redactionKey(cli)) })
      } catch (error) {
        if (!(error instanceof MillraceError)) throw error
        failures.push(error)
      }
    }
    const [failure] = failures
    if (failure !== undefined) {
      for (const other of failures.slice(1)) cli.warn(other.message)
      throw failure
    }
    if (json === true) cli.printJson({ files: tested })
    else for (const one of tested) cli.print(testedText(one))
    return tested.some(({ results }) => results.some(({ differences }) => differences.length > 0)) ? 1 : 0
  })
}

interface TestedFile {
  readonly file: string
  readonly results: readonly ExampleResult[]
}

function withJson(command: Command): void {
  command.option('--json', 'print JSON')
}

function testedText({ file, results }: TestedFile): string {
  if (results.length === 0) return `${file}: is right, and has no examples`
  return results.map((result) => linesOf(file, result)).join('\n')
}

function linesOf(file: string, { example, differences }: ExampleResult): string {
  const name = example.name ?? example.input.slice(0, 60)
  if (differences.length === 0) return `${file}: ok: ${name}`
  const lines = differences.map(
    ({ field, expected, actual }) =>
      `    ${field}: ${JSON.stringify(expected)} expected, ${JSON.stringify(actual)} found`,
  )
  return [`${file}: FAILED: ${name}`, `    input: ${example.input}`, ...lines].join('\n')
}

function addTryCommand(group: Command, cli: Cli): void {
  const command = group
    .command('try [file]')
    .description('Reads records, one a line, from standard input, and prints what a pipeline makes of each.')
    .option('--steps', 'print what each step did')
    .option('--source <name>', 'the source that the records come from', 'standard input')
  withJson(command)
  withExamples(
    command,
    'tail -n 100 /var/log/syslog | millrace pipeline try',
    'millrace pipeline try orders.yaml --steps < samples.log',
  )
  cli.action<TryOptions>(command, async ({ steps = false, source, json }, file) => {
    const given = file === undefined ? pipeline({ name: 'default' }) : await readPipeline(cli, file)
    const redactor = createRedactor({ rules: given.redaction, hashKey: redactionKey(cli) })
    const view = json === true ? jsonView(cli) : textView(cli)
    const run = given.open({
      observer: steps ? observedSteps(view, redactor) : { removed: (step) => view.removed(step) },
    })
    for await (const line of cli.host.lines()) {
      const events = run.read(line, systemClock.nowMs(), source)
      view.ended(events?.map((event) => redactedText(event, redactor)))
    }
    return 0
  })
}

function redactedText(event: LogEvent, redactor: Redactor): string {
  const fields = finishedFields(event)
  redactor.redactFields(fields)
  return fieldsText(fields)
}

/** Shows the events that a step has changed. The event itself keeps what is hidden here: later steps may need it. */
function observedSteps(view: TryView, redactor: Redactor): PipelineObserver {
  let before = new WeakMap<LogEvent, string>()
  return {
    applied(step, event) {
      const after = redactor.redactJson(fieldsText(finishedFields(event)))
      if (before.get(event) !== after) view.changed(step, after)
      before.set(event, after)
    },
    branched: (branch, isMet) => view.branched(branch, isMet),
    removed(step) {
      before = new WeakMap()
      view.removed(step)
    },
  }
}

function addImportCommand(group: Command, cli: Cli): void {
  const command = group
    .command('import <from> <file>')
    .description(
      `Converts a configuration of ${importSources.join(', ')} to a pipeline, on standard output. Exit code 1: a part of it was not converted.`,
    )
  withJson(command)
  withExamples(
    command,
    'millrace pipeline import logstash /etc/logstash/conf.d/orders.conf > orders.yaml',
    'millrace pipeline import vector vector.toml',
  )
  cli.action<JsonOptions>(command, async ({ json }, from = '', file = ''): Promise<ExitCode> => {
    if (!isImportSource(from)) {
      cli.warn(`${from} is not known: name ${importSources.join(', ')}`)
      return 2
    }
    const { text, notConverted } = importedPipeline(from, await readText(cli, file), file)
    if (json === true) cli.printJson({ pipeline: text, notConverted })
    else {
      cli.print(text)
      for (const { line, what, isKept } of notConverted)
        cli.warn(`${file}:${line}: ${isKept === true ? 'to be checked' : 'not converted'}: ${what}`)
    }
    return notConverted.length > 0 ? 1 : 0
  })
}

function isImportSource(text: string): text is ImportSource {
  return importSources.some((source) => source === text)
}
