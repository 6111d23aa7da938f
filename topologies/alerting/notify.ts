import {
  type Acknowledgement,
  type AlertChange,
  type DigestState,
  type GroupOutput,
  type GroupState,
  type Notice,
  type NoticePlan,
  routesOf,
  type SourceRow,
  sourceRowsOf,
} from '../../src/alerts/index.ts'
import { json, type KStream, keyValueStore, type Logger, type StreamsBuilder, string } from '../../src/index.ts'
import { readChange, readCommand } from './alert-inputs.ts'
import { DigestDecisions } from './notify-digests.ts'
import { type GroupDecision, GroupDecisions, type GroupInput } from './notify-groups.ts'
import { NoticesOnce } from './notify-once.ts'
import { NoticeProcessor } from './notify-processor.ts'
import { type SourceChange, SourceRows } from './notify-sources.ts'

export interface NotifyOptions {
  readonly plan: NoticePlan
  readonly topics: {
    /** Compacted, by id of the silence. */
    readonly silences: string
    /** By key of the notices that are acknowledged. */
    readonly acknowledgements: string
    /** Compacted: the alerts that fire as sources of inhibitions. */
    readonly sources: string
    /** Alerts that the routes lead elsewhere since they were changed, by key of the alert. */
    readonly moves: string
    /** All that is sent, whether or not there is a notifier. */
    readonly notices: string
  }
  /** Receivers that have a sink of the same name, with whether it takes acknowledgements. */
  readonly notifiers: readonly { readonly name: string; readonly acknowledges: boolean }[]
  readonly logger: Logger
}

/** Numbers are of workers, or epoch times: nothing is lost by rounding them. */
const jsonOf = <T>() => json<T>({ bigIntegers: 'round' })

/** A state is one record. Groups and digests bound theirs below it. */
const changelog = { 'max.message.bytes': String(8 * 1024 * 1024) } as const

const stores = { groups: 'alert-groups', digests: 'alert-digests', sourceRows: 'alert-source-rows' } as const
const tables = { silences: 'alert-silences', sources: 'alert-sources' } as const

/**
 * Decides who is notified of changes of alerts, and sends it. A decision leaves after the commit that makes it durable, so
 * that a crash repeats a notice with its id and invents none.
 *
 * ```
 * changes -> groups (by route) -> notices -> topic
 *            ^ acknowledgements      ^    \-> a task per receiver -> sink
 *            |                    digests (by receiver)
 *            silences, sources: global tables
 * ```
 * Each receiver has a task of its own: a commit leaves out the one whose receiver does not answer.
 */
export function notify(
  builder: StreamsBuilder,
  changes: KStream<string, AlertChange, boolean, boolean>,
  options: NotifyOptions,
): void {
  const { plan, topics } = options
  builder.globalTable(topics.silences, { key: string(), value: string(), store: tables.silences })
  builder.globalTable(topics.sources, { key: string(), value: jsonOf<SourceRow>(), store: tables.sources })
  noteSources(changes, options)
  const decisions = decide(builder, changes, options)
  decisions
    .flatMapValues((decision) => ('moved' in decision ? [decision.moved] : []), { name: 'moved-alerts' })
    .selectKey((_, { key }) => key, { name: 'moved-alert-key' })
    .to(topics.moves, { name: 'to-alert-moves', key: string(), value: jsonOf<AlertChange>() })
  const decided = decisions.flatMapValues((decision) => ('moved' in decision ? [] : [decision]), {
    name: 'alert-outputs',
  })
  // Notices of a receiver that is spared storms are counted where its digests are made.
  const isDirect = ({ action, notice }: GroupOutput): boolean =>
    action === 'send' && (plan.receivers.get(notice.receiver)?.storm ?? null) === null
  const sent = decided
    .filter((_, output) => isDirect(output), { name: 'alert-sent' })
    .mapValues(({ notice }) => notice, { name: 'alert-notice' })
  const digests = decided
    .filter((_, output) => !isDirect(output), { name: 'alert-held' })
    .selectKey((_, { notice }) => notice.receiver, { name: 'alert-receiver' })
    .repartition({ name: 'alert-digests', key: string(), value: jsonOf<GroupOutput>() })
    .process<string, Notice>(
      {
        create: () => new NoticeProcessor(stores.digests, new DigestDecisions(plan)),
        stores: [keyValueStore({ name: stores.digests, key: string(), value: jsonOf<DigestState>(), changelog })],
      },
      { name: 'decide-digests' },
    )
  send(sent.merge(digests, { name: 'alert-notices' }), options)
}

/** The table of alerts that silence others while they fire. */
function noteSources(
  changes: KStream<string, AlertChange, boolean, boolean>,
  { plan: { inhibitions }, topics, logger }: NotifyOptions,
): void {
  const leftOut = leftOutLog(logger, 'a row of inhibiting alerts is full: this one silences no other')
  changes
    .flatMap<string, SourceChange>(
      (alert, change) => sourceRowsOf(inhibitions, change).map(({ row, isSource }) => [row, { alert, isSource }]),
      { name: 'alert-inhibits' },
    )
    .repartition({ name: 'alert-source-rows', key: string(), value: jsonOf<SourceChange>() })
    .process<string, SourceRow | null>(
      {
        create: () => new SourceRows(stores.sourceRows, leftOut),
        stores: [keyValueStore({ name: stores.sourceRows, key: string(), value: jsonOf<SourceRow>(), changelog })],
      },
      { name: 'keep-source-rows' },
    )
    .to(topics.sources, { name: 'to-alert-sources', key: string(), value: jsonOf<SourceRow | null>() })
}

function decide(
  builder: StreamsBuilder,
  changes: KStream<string, AlertChange, boolean, boolean>,
  { plan, topics, notifiers, logger }: NotifyOptions,
): KStream<string, GroupDecision, boolean, boolean> {
  const moved = builder
    .stream(topics.moves, { key: string(), value: jsonOf<AlertChange>() })
    .mapValues(readChange, { name: 'check-moves' })
  const routed = changes
    .merge(moved, { name: 'alerts-to-route' })
    .flatMap<string, GroupInput>(
      (_, change) => routesOf(plan.routes, change).map((one) => [one.groupKey, { routed: one }]),
      { name: 'route-alerts' },
    )
  const acknowledged = builder
    .stream(topics.acknowledgements, { key: string(), value: jsonOf<Acknowledgement>() })
    .map<string, GroupInput>(
      (_, value) => {
        const command = readCommand(value)
        const input = 'request' in command ? { request: command } : { acknowledgement: command }
        return [groupKeyOf(command), input]
      },
      { name: 'acknowledge-alerts' },
    )
  const leftOut = leftOutLog(logger, 'a group of alerts is full, and its notices do not speak of this one')
  const supplier = {
    create: () =>
      new NoticeProcessor<GroupInput, GroupState, GroupDecision>(
        stores.groups,
        new GroupDecisions({
          plan,
          acknowledges: notifiers.filter(({ acknowledges }) => acknowledges).map(({ name }) => name),
          stores: tables,
          leftOut,
          logger,
        }),
      ),
    stores: [keyValueStore({ name: stores.groups, key: string(), value: jsonOf<GroupState>(), changelog })],
  }
  return routed
    .merge(acknowledged, { name: 'alert-inputs' })
    .repartition({ name: 'alert-groups', key: string(), value: jsonOf<GroupInput>() })
    .process<string, GroupDecision>(supplier, { name: 'decide-notices' })
}

/** Logs the first one, and then whenever there are twice as many. */
function leftOutLog(logger: Logger, text: string): (place: string, alert: string) => void {
  let count = 0
  return (place, alert) => {
    count++
    if (Number.isInteger(Math.log2(count))) {
      logger.warn({ place, alert, count }, text)
    }
  }
}

/** The key of a notice is that of its group, and the time of the episode. */
function groupKeyOf({ dedupKey }: Pick<Acknowledgement, 'dedupKey'>): string {
  return dedupKey.slice(0, dedupKey.lastIndexOf('@'))
}

function send(
  notices: KStream<string, Notice, boolean, boolean>,
  { plan, topics, notifiers, logger }: NotifyOptions,
): void {
  const keyed = notices.selectKey((_, { dedupKey }) => dedupKey, { name: 'notice-key' })
  keyed.to(topics.notices, { name: 'to-alert-notices', key: string(), value: jsonOf<Notice>() })
  for (const { name } of notifiers) {
    keyed
      .filter((_, { receiver }) => receiver === name, { name: `notices-of-${name}` })
      // One partition: the pace of a receiver and the order of its notices are those of one task.
      .repartition({ name: `notices-for-${name}`, partitions: 1, key: string(), value: jsonOf<Notice>() })
      .processValues({ create: () => new NoticesOnce() }, { name: `once-to-${name}` })
      .toSink(name, { name: `notify-${name}` })
  }
  const reached = new Set(notifiers.map(({ name }) => name))
  if ([...plan.receivers.keys()].every((name) => reached.has(name))) return
  keyed.foreach(
    (_, { receiver, kind, severity, title, dedupKey }) => {
      if (!reached.has(receiver)) logger.info({ receiver, kind, severity, dedupKey }, title)
    },
    { name: 'log-notices' },
  )
}
