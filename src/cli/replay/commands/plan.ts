import { type Command, InvalidArgumentError } from 'commander'
import { counted } from '../../../core/counted.ts'
import { MillraceError } from '../../../core/errors.ts'
import type { OutputAction } from '../../../replay/outputs.ts'
import type { ReplayRequest } from '../../../replay/plan-replay.ts'
import type { PreparedWorker } from '../../../worker/prepare-worker.ts'
import type { Cli, CommonOptions } from '../../cli.ts'
import { duration, isoTime, withCommonOptions, withExamples, wholeNumber } from '../../common-options.ts'
import type { LetterFilter } from '../../dlq/letter-filter.ts'
import { filterOf, letterTopicOf, withFilter } from '../../dlq/letter-options.ts'
import { type LetterBounds, letterBounds } from '../letter-bounds.ts'
import { planText } from '../replay-text.ts'
import { withReplays } from '../with-replays.ts'

interface PlanOptions extends CommonOptions, LetterFilter {
  readonly letters?: string | true
  readonly from?: number
  readonly to?: number
  readonly duration?: number
  readonly offsets?: ReplayRequest['offsets']
  readonly warmUp?: number | 'everything'
  readonly runOn?: number
  readonly skew?: number
  readonly output?: Readonly<Record<string, OutputAction>>
  readonly recordsPerSecond?: number
  readonly bytesPerSecond?: number
  readonly sinkShare?: number
  readonly liveLagMax?: number
  readonly dryRun?: boolean
}

/** `millrace replay plan MODULE ID`: what a replay will read and write. */
export function addReplayPlan(replay: Command, cli: Cli): void {
  const command = replay
    .command('plan <module> <id>')
    .description('Freezes what a replay will read and write, and keeps it under this id.')
    .option('--from <time>', 'the range begins at this ISO 8601 time; default: the first record', isoTime)
    .option('--to <time>', 'the range ends before this time; default: the last record', isoTime)
    .option(
      '--duration <duration>',
      'instead of --from: the range begins this long before its end, as in PT12H or P2D',
      duration,
    )
    .option('--offsets <topic:partition:from:to...>', 'instead of times: what to read of each partition', offsets)
    .option(
      '--letters [topic]',
      'instead of times: the records of each partition from the first to the last with an open dead letter in this topic (DEAD_LETTER_TOPIC); the next options choose letters',
    )
    .option('--all', 'count letters that were replayed or resolved too')
  withFilter(command)
    .option('--warm-up <duration>', 'time before the range from which records are read; or everything', warmUp)
    .option('--run-on <duration>', 'time after the range in which records are read, so that windows close', duration)
    .option('--skew <duration>', 'how far one partition may be ahead of another, by record time', duration)
    .option(
      '--output <name=action...>',
      'what happens to the output of a topic or sink: write, version, mute or topic',
      outputs,
    )
    .option('--records-per-second <number>', 'over all processes', wholeNumber(1))
    .option('--bytes-per-second <number>', 'over all processes', wholeNumber(1))
    .option('--sink-share <share>', 'for how much of the time sinks may be busy, from 0 to 1', Number)
    .option('--live-lag-max <records>', 'read nothing while the lag of the live group is larger', wholeNumber(0))
    .option('--dry-run', 'print the plan and do not keep it')
  withCommonOptions(command)
  withExamples(
    command,
    'millrace replay plan ./dist/topology.js failed --letters --error NEGATIVE --since 2026-07-01T00:00:00Z',
    'millrace replay plan ./dist/topology.js july --from 2026-07-01T00:00:00Z --to 2026-08-01T00:00:00Z',
    'millrace replay plan ./dist/topology.js last-day --duration P1D --records-per-second 5000 --live-lag-max 1000',
  )
  cli.action<PlanOptions>(command, async (options, module = '', id = '') =>
    withReplays(cli, module, options, async (replays, worker) => {
      const bounds = await boundsOf(cli, options, worker)
      const request = { ...requestOf(id, options), ...(bounds && { offsets: bounds.offsets }) }
      const plan = await (options.dryRun === true
        ? replays.preview(request)
        : cli.audited(options, {
            command: `replay plan ${module} ${id}`,
            plan: request,
            apply: () => replays.plan(request),
          }))
      if (bounds !== undefined) cli.warn(boundsText(bounds))
      if (options.json === true) cli.printJson(plan)
      else cli.print(`${planText(plan)}${options.dryRun === true ? 'not kept\n' : ''}`)
      return plan.warnings.length > 0 ? 1 : 0
    }),
  )
}

/** undefined: nobody asked for letters. */
async function boundsOf(
  cli: Cli,
  options: PlanOptions,
  { applicationId, engine, topology }: PreparedWorker,
): Promise<LetterBounds | undefined> {
  const { letters, offsets, json } = options
  if (letters === undefined) return undefined
  if (offsets !== undefined)
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', '--letters and --offsets are given: give only one of them')
  const named = { ...options, ...(letters === true ? {} : { topic: letters }), json: json === true }
  const topic = letterTopicOf(cli, named, engine.deadLetterTopic)
  return letterBounds(cli.kafka(options), { topic, filter: filterOf(options), applicationId }, topology)
}

function boundsText({ letters, leftOut }: LetterBounds): string {
  const others =
    leftOut === 0 ? '' : `; records that no source of the topology reads have ${counted(leftOut, 'letter')}`
  return `the records of ${counted(letters, 'letter')}, and those between them${others}`
}

function requestOf(id: string, options: PlanOptions): ReplayRequest {
  return {
    id,
    fromMs: options.from,
    toMs: options.to,
    durationMs: options.duration,
    offsets: options.offsets,
    warmUpMs: options.warmUp,
    runOnMs: options.runOn,
    skewMs: options.skew,
    outputs: options.output,
    throttle: {
      recordsPerSecond: options.recordsPerSecond,
      bytesPerSecond: options.bytesPerSecond,
      sinkShare: options.sinkShare,
      liveLagMax: options.liveLagMax,
    },
  }
}

function warmUp(text: string): number | 'everything' {
  return text === 'everything' ? text : duration(text)
}

function offsets(text: string, before: ReplayRequest['offsets'] = []): NonNullable<ReplayRequest['offsets']> {
  const [, topic = '', partition = '', from = '', to = ''] = /^([^:]+):(\d+):(\d*):(\d*)$/.exec(text) ?? []
  if (topic === '') throw new InvalidArgumentError('It must be topic:partition:from:to; from or to may be empty.')
  const bounds = { ...(from === '' ? {} : { from: Number(from) }), ...(to === '' ? {} : { to: Number(to) }) }
  return [...before, { topic, partition: Number(partition), ...bounds }]
}

function outputs(text: string, before: PlanOptions['output'] = {}): NonNullable<PlanOptions['output']> {
  const [, name = '', action = ''] = /^(.+)=(write|version|mute|topic)$/.exec(text) ?? []
  if (name === '') throw new InvalidArgumentError('It must be name=action; actions are write, version, mute and topic.')
  return { ...before, [name]: action as OutputAction }
}
