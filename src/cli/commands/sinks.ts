import type { Command } from 'commander'
import type { SinkFactory } from '../../sinks/port.ts'
import type { SinkFinding, SinkPart, SinkPreparation } from '../../sinks/sink-preparation.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { withCommonOptions, withExamples } from '../common-options.ts'
import { textTable } from '../text-table.ts'

const timeoutMs = 60_000

/** `millrace sinks plan|apply|doctor MODULE`: what the targets of an application hold for it. */
export function addSinks(program: Command, cli: Cli): void {
  const sinks = program
    .command('sinks')
    .description('Compares and tries the targets of an application: templates, lifecycle policies, tokens.')
  addPlan(sinks, cli)
  addApply(sinks, cli)
  addDoctor(sinks, cli)
}

function addPlan(sinks: Command, cli: Cli): void {
  const plan = withCommonOptions(
    sinks
      .command('plan <module>')
      .description('Prints what is missing or different. Exit code 1: apply would change something.'),
  )
  withExamples(plan, 'millrace sinks plan ./dist/topology.js')
  cli.action<CommonOptions>(plan, async (options, module = '') => {
    const parts = await partsOf(await prepared(cli, module, options))
    showParts(cli, options, parts)
    return parts.some(isToChange) ? 1 : 0
  })
}

function addApply(sinks: Command, cli: Cli): void {
  const apply = withCommonOptions(
    sinks
      .command('apply <module>')
      .description('Installs what is missing or different, as a worker does at its start. Nothing is deleted.'),
  )
  withExamples(apply, 'millrace sinks apply ./dist/topology.js')
  cli.action<CommonOptions>(apply, async (options, module = '') => {
    const targets = await prepared(cli, module, options)
    const parts = await partsOf(targets)
    showParts(cli, options, parts)
    const plan = parts.filter(isToChange)
    if (plan.length === 0) return 0
    const changed = targets.filter(({ sink }) => plan.some((part) => part.sink === sink))
    await cli.audited(options, {
      command: `sinks apply ${module}`,
      plan,
      apply: async () => {
        for (const { preparation } of changed) await preparation.install(AbortSignal.timeout(timeoutMs))
        return plan.map(({ sink, kind, name }) => `${sink}: ${kind} ${name}`)
      },
    })
    return 0
  })
}

function addDoctor(sinks: Command, cli: Cli): void {
  const doctor = withCommonOptions(
    sinks
      .command('doctor <module>')
      .description(
        'Tries each target: connection, credentials, templates, and a test document in an index of its own, which is deleted again. Exit code 1: something does not work.',
      ),
  )
  withExamples(doctor, 'millrace sinks doctor ./dist/topology.js')
  cli.action<CommonOptions>(doctor, async (options, module = '') => {
    const findings: (SinkFinding & { readonly sink: string })[] = []
    for (const { sink, preparation } of await prepared(cli, module, options))
      for (const finding of await preparation.examine(AbortSignal.timeout(timeoutMs)))
        findings.push({ sink, ...finding })
    if (options.json === true) cli.printJson({ findings })
    else
      cli.print(
        textTable(
          ['sink', 'result', 'check', 'found'],
          findings.map(({ sink, result, check, text }) => [sink, result, check, text]),
        ),
      )
    return findings.some(({ result }) => result === 'fails') ? 1 : 0
  })
}

interface Target {
  readonly sink: string
  readonly preparation: SinkPreparation
}
type NamedPart = SinkPart & { readonly sink: string }

async function prepared(cli: Cli, module: string, options: CommonOptions): Promise<readonly Target[]> {
  const { sinks } = await cli.worker(module, options)
  if (sinks.length === 0) cli.warn('the module has no sinks: set ELASTICSEARCH_URL, SPLUNK_HEC_URL or FILES_DIRECTORY')
  return sinks.flatMap(({ name, preparation }: SinkFactory) => {
    if (preparation !== undefined) return [{ sink: name, preparation }]
    cli.warn(`sink ${name} has nothing to prepare`)
    return []
  })
}

async function partsOf(targets: readonly Target[]): Promise<readonly NamedPart[]> {
  const parts: NamedPart[] = []
  for (const { sink, preparation } of targets)
    for (const part of await preparation.parts(AbortSignal.timeout(timeoutMs))) parts.push({ sink, ...part })
  return parts
}

function isToChange({ state }: SinkPart): boolean {
  return state === 'missing' || state === 'different'
}

function showParts(cli: Cli, { json }: CommonOptions, parts: readonly NamedPart[]): void {
  if (json === true) cli.printJson({ parts })
  else
    cli.print(
      textTable(
        ['sink', 'state', 'part', 'name', 'details'],
        parts.map(({ sink, state, kind, name, details }) => [sink, state, kind, name, details.join('; ')]),
      ),
    )
}
