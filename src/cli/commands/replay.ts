import { type Command, InvalidArgumentError } from 'commander'
import { standardErrorLogger } from '../../core/logger.ts'
import type { OutputAction } from '../../replay/outputs.ts'
import type { ReplayRequest } from '../../replay/plan-replay.ts'
import { Replays } from '../../replay/replays.ts'
import { kafkaConnection } from '../../worker/kafka-connection.ts'
import type { Cli, CommonOptions } from '../cli.ts'
import { duration, isoTime, withCommonOptions, withExamples, wholeNumber } from '../common-options.ts'
import type { ExitCode } from '../host.ts'
import { planText, statusText, verificationText } from '../replay/replay-text.ts'
import { textTable } from '../text-table.ts'

/** `millrace replay`: the topology of a module again, over a range of its inputs. */
export function addReplay(program: Command, cli: Cli): void {
  const replay = program.command('replay').description('Runs a topology again over a range of its inputs, isolated.')
  addPlan(replay, cli)
  addRun(replay, cli)
  addList(replay, cli)
  addStatus(replay, cli)
  addChange(replay, cli, 'pause', 'All processes of the replay read nothing until resume.', (replays, id) =>
    replays.pause(id),
  )
  addChange(replay, cli, 'resume', 'Continues a replay that is paused.', (replays, id) => replays.resume(id))
  addVerify(replay, cli)
  addChange(replay, cli, 'cutover', 'Puts the outputs of a finished replay in place of the live ones.', (replays, id) =>
    replays.cutOver(id),
  )
  addChange(replay, cli, 'revert', 'Reverts a cutover.', (replays, id) => replays.revert(id))
  addChange(replay, cli, 'abort', 'Ends a replay for good, and deletes its group and topics.', (replays, id) =>
    replays.abort(id),
  )
}

interface PlanOptions extends CommonOptions {
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
  readonly liveLagMax?: number
  readonly dryRun?: boolean
}

function addPlan(replay: Command, cli: Cli): void {
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
    .option('--live-lag-max <records>', 'read nothing while the lag of the live group is larger', wholeNumber(0))
    .option('--dry-run', 'print the plan and do not keep it')
  withCommonOptions(command)
  withExamples(
    command,
    'millrace replay plan ./dist/topology.js july --from 2026-07-01T00:00:00Z --to 2026-08-01T00:00:00Z',
    'millrace replay plan ./dist/topology.js last-day --duration P1D --records-per-second 5000 --live-lag-max 1000',
  )
  cli.action<PlanOptions>(command, async (options, module = '', id = '') =>
    within(cli, module, options, async (replays) => {
      const request = requestOf(id, options)
      const plan = await (options.dryRun === true ? replays.preview(request) : replays.plan(request))
      if (options.json === true) cli.printJson(plan)
      else cli.print(`${planText(plan)}${options.dryRun === true ? 'not kept\n' : ''}`)
      return plan.warnings.length > 0 ? 1 : 0
    }),
  )
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
      liveLagMax: options.liveLagMax,
    },
  }
}

function addRun(replay: Command, cli: Cli): void {
  const command = replay
    .command('run <module> <id>')
    .description(
      'Runs a planned replay until it is done. Several processes may run one replay; after a crash, run it again.',
    )
  withCommonOptions(command)
  withExamples(command, 'millrace replay run ./dist/topology.js july')
  cli.action<CommonOptions>(command, async (options, module = '', id = '') =>
    within(cli, module, options, async (replays) => {
      void cli.host.stop.then(() => replays.leave())
      const end = await replays.run(id)
      const status = await replays.status(id)
      if (options.json === true) cli.printJson({ end, status })
      else cli.print(`${statusText(status)}${end === 'left' ? 'left; run it again to continue\n' : ''}`)
      return end === 'done' ? 0 : 1
    }),
  )
}

function addList(replay: Command, cli: Cli): void {
  const command = replay.command('list <module>').description('Shows the replays of the application, the newest last.')
  withCommonOptions(command)
  withExamples(command, 'millrace replay list ./dist/topology.js')
  cli.action<CommonOptions>(command, async (options, module = '') =>
    within(cli, module, options, async (replays) => {
      const plans = await replays.list()
      if (options.json === true) cli.printJson(plans)
      else {
        const rows = plans.map((plan) => [plan.id, new Date(plan.createdMs).toISOString(), plan.estimate.records])
        cli.print(textTable(['id', 'planned', 'records'], rows))
      }
      return 0
    }),
  )
}

function addStatus(replay: Command, cli: Cli): void {
  const command = replay
    .command('status <module> <id>')
    .description('Shows how far a replay is, from the cluster alone.')
  withCommonOptions(command)
  withExamples(command, 'millrace replay status ./dist/topology.js july')
  cli.action<CommonOptions>(command, async (options, module = '', id = '') =>
    within(cli, module, options, async (replays) => {
      const status = await replays.status(id)
      if (options.json === true) cli.printJson(status)
      else cli.print(statusText(status))
      return 0
    }),
  )
}

interface VerifyOptions extends CommonOptions {
  readonly sampleEvery: number
}

function addVerify(replay: Command, cli: Cli): void {
  const command = replay
    .command('verify <module> <id>')
    .description('Compares what the replay wrote with what the live application wrote. Exit code 1: it differs.')
    .option('--sample-every <number>', 'compare only one record in this many', wholeNumber(1), 1)
  withCommonOptions(command)
  withExamples(command, 'millrace replay verify ./dist/topology.js july')
  cli.action<VerifyOptions>(command, async (options, module = '', id = '') =>
    within(cli, module, options, async (replays) => {
      const verification = await replays.verify(id, options.sampleEvery)
      if (options.json === true) cli.printJson(verification)
      else cli.print(verificationText(verification))
      return verification.isEqual ? 0 : 1
    }),
  )
}

function addChange(
  replay: Command,
  cli: Cli,
  name: string,
  description: string,
  change: (replays: Replays, id: string) => Promise<readonly string[] | void>,
): void {
  const command = replay.command(`${name} <module> <id>`).description(description)
  withCommonOptions(command)
  withExamples(command, `millrace replay ${name} ./dist/topology.js july`)
  cli.action<CommonOptions>(command, async (options, module = '', id = '') =>
    within(cli, module, options, async (replays) => {
      const plan = await replays.status(id)
      const command = `replay ${name} ${module} ${id}`
      const left = await cli.audited(options, { command, plan, apply: () => change(replays, id) })
      for (const sentence of left ?? []) cli.warn(sentence)
      const status = await replays.status(id)
      if (options.json === true) cli.printJson(status)
      else cli.print(statusText(status))
      return 0
    }),
  )
}

/** Opens the replays of a module's application for the time of a command. */
async function within(
  cli: Cli,
  module: string,
  options: CommonOptions,
  run: (replays: Replays) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { engine, sinks, topology, settings } = await cli.worker(module, options)
  const kafka = cli.host.kafka ?? kafkaConnection(settings.kafka, standardErrorLogger)
  const replays = await Replays.open({ ...engine, kafka, sinks }, topology)
  try {
    return await run(replays)
  } finally {
    await replays.close()
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
