import { resolve } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../../core/clock.ts'
import { MillraceError } from '../../core/errors.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { duration, isoTime, withCommonOptions, withExamples, wholeNumber } from '../common-options.ts'
import { waitUntilEmpty } from '../groups/wait-until-empty.ts'
import { applyReset } from '../reset/apply-reset.ts'
import { readOffsetsFile } from '../reset/offsets-file.ts'
import type { OffsetTarget } from '../reset/offset-target.ts'
import { planReset, type ResetPlan } from '../reset/reset-plan.ts'
import { textTable } from '../text-table.ts'

interface ResetOptions extends CommonOptions {
  readonly toEarliest?: boolean
  readonly toLatest?: boolean
  readonly toTime?: number
  readonly byDuration?: number
  readonly shiftBy?: number
  readonly fromFile?: string
  readonly keepLocalState?: boolean
  readonly wait: number
  readonly execute?: boolean
}

/** `millrace reset MODULE`: an application begins again, as with kafka-streams-application-reset. */
export function addReset(program: Command, cli: Cli): void {
  const command = program
    .command('reset <module>')
    .description(
      'Resets an application: the offsets of its inputs, its internal topics and its local state. Prints the plan; --execute carries it out.',
    )
    .option('--to-earliest', 'read the inputs from their start (the default)')
    .option('--to-latest', 'read only new records')
    .option('--to-time <time>', 'read from this ISO 8601 time on', isoTime)
    .option('--by-duration <duration>', 'read from this duration before now, as in PT12H or P2D', duration)
    .option('--shift-by <records>', 'move each committed offset, back with a negative number', wholeNumber(-1e15))
    .option('--from-file <file>', 'a file with lines of topic,partition,offset')
    .option('--keep-local-state', 'keep the state directory of this machine')
    .option('--wait <seconds>', 'how long to wait for the group to be empty', wholeNumber(0), 60)
    .option('--execute', 'carry out the plan')
  withCommonOptions(command)
  withExamples(
    command,
    'millrace reset ./dist/topology.js',
    'millrace reset ./dist/topology.js --to-time 2026-11-01T00:00:00Z --execute',
  )
  cli.action<ResetOptions>(command, async (options, module = '') => {
    const target = await targetOf(cli, options)
    const worker = await cli.worker(module, options)
    const kafka = cli.kafka(options)
    const admin = kafka.admin()
    const execute = options.execute === true
    if (execute) await waitUntilEmpty(admin, worker.applicationId, options.wait * 1000, systemClock)
    const plan = await planReset(worker, admin, target, { localState: options.keepLocalState !== true })
    if (!execute) {
      show(cli, options, plan)
      return plan.members.length > 0 ? 1 : 0
    }
    const result = await cli.audited(options, {
      command: `reset ${module}`,
      plan,
      apply: () => applyReset(worker, kafka, plan),
    })
    if (options.json === true) cli.printJson({ plan, result })
    else cli.print(`${planText(plan)}done, and read back from the cluster\n`)
    return 0
  })
}

/** Exactly one target; without any, the start of the inputs. */
async function targetOf(cli: Cli, options: ResetOptions): Promise<OffsetTarget> {
  const { toEarliest, toLatest, toTime, byDuration, shiftBy, fromFile } = options
  const given = [toEarliest, toLatest, toTime, byDuration, shiftBy, fromFile].filter((value) => value !== undefined)
  if (given.length > 1) {
    const text = 'give one of --to-earliest, --to-latest, --to-time, --by-duration, --shift-by and --from-file'
    throw new MillraceError('ILLEGAL_ARGUMENT', 'fatal', text)
  }
  if (fromFile !== undefined)
    return { kind: 'offsets', offsets: await readOffsetsFile(resolve(cli.host.directory, fromFile)) }
  if (shiftBy !== undefined) return { kind: 'shift', by: shiftBy }
  if (toTime !== undefined) return { kind: 'place', place: { timestampMs: toTime } }
  if (byDuration !== undefined) return { kind: 'place', place: { timestampMs: systemClock.nowMs() - byDuration } }
  return { kind: 'place', place: toLatest === true ? 'latest' : 'earliest' }
}

function show(cli: Cli, { json }: ResetOptions, plan: ResetPlan): void {
  if (json === true) cli.printJson({ plan })
  else cli.print(`${planText(plan)}nothing was changed; --execute does it\n`)
}

function planText({ groupId, members, offsets, missingInputs, deletedTopics, stateDirectory }: ResetPlan): string {
  const rows = offsets.map(({ topic, partition, from, to }) => [topic, partition, from, to])
  const lines = [
    ...(members.length > 0 ? [`group ${groupId} is in use by ${members.join(', ')}: stop them first`] : []),
    ...missingInputs.map((topic) => `input ${topic} does not exist: its offsets stay as they are`),
    ...deletedTopics.map((topic) => `deletes topic ${topic}`),
    ...(stateDirectory === undefined ? [] : [`deletes local state ${stateDirectory}`]),
  ]
  return `${textTable(['topic', 'partition', 'committed', 'new offset'], rows)}${lines.map((line) => `${line}\n`).join('')}`
}
