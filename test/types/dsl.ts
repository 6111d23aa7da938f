// Checked by the compiler alone: each @ts-expect-error must be one, and everything else must not be.
import {
  json,
  joinWindows,
  type KStream,
  type KTable,
  long,
  sessionWindows,
  StreamsBuilder,
  string,
  tumblingWindows,
  type Windowed,
} from '../../src/index.ts'

interface Log {
  readonly service: string
  readonly level: string
  readonly durationMs: number
}
interface Owner {
  readonly team: string
}

const builder = new StreamsBuilder()
const logs = builder.stream('logs', { key: string(), value: json<Log>(), timestamp: (log) => log.durationMs })
const counts = builder.stream('counts', { key: string(), value: long() })
const owners = builder.table('owners', { key: string(), value: json<Owner>() })
const byNumber = builder.table('by-number', { key: long(), value: json<Owner>() })
const everywhere = builder.globalTable('everywhere', { key: long(), value: json<Owner>() })

/** Compiles only where the two types are equal. */
function same<A>(_value: A): <B>(other: A extends B ? (B extends A ? B : never) : never) => void {
  return () => {}
}

export function sources(): void {
  same<KStream<string, Log, true, true>>(logs)
  // @ts-expect-error a stream needs its serdes
  builder.stream('logs', { key: string() })
  // @ts-expect-error the timestamp is a number
  builder.stream('logs', { key: string(), value: json<Log>(), timestamp: (log) => log.service })
}

export function statelessOperators(): void {
  logs.filter((key, log) => key.startsWith('a') && log.durationMs > 3).mapValues((log, key) => log.service + key)
  // @ts-expect-error predicates take the key first
  logs.filter((log) => log.durationMs > 3)
  // @ts-expect-error a Log has no such member
  logs.mapValues((log) => log.severity)
  // @ts-expect-error map makes pairs
  logs.map((_, log) => log.service)
  same<KStream<string, number, true, false>>(logs.mapValues((log) => log.durationMs))
  same<KStream<number, string, false, false>>(logs.map((_, log) => [log.durationMs, log.service] as const))
}

export function lostSerdes(): void {
  const rekeyed = logs.selectKey((_, log) => log.durationMs)
  rekeyed.groupByKey({ key: long() }).count()
  // @ts-expect-error the key has changed: its serde is missing
  rekeyed.groupByKey().count()
  // @ts-expect-error the key has changed: its serde is missing
  rekeyed.to('out')
  rekeyed.to('out', { key: long() })
  // @ts-expect-error the serde is of another key
  rekeyed.to('out', { key: string() })
  const durations = logs.mapValues((log) => log.durationMs)
  durations.to('out', { value: long() })
  // @ts-expect-error the value has changed: its serde is missing
  durations.to('out')
  // @ts-expect-error the value goes through a repartition topic: its serde is missing
  durations.groupBy((key) => key, { key: string() })
  durations.groupBy((key) => key, { key: string(), value: long() }).reduce((sum, duration) => sum + duration)
  // @ts-expect-error reduce keeps values: their serde is missing
  durations.groupByKey().reduce((sum, duration) => sum + duration)
  durations.groupByKey().reduce((sum, duration) => sum + duration, { value: long() })
  logs.groupByKey().count().toStream().to('out')
}

export function aggregations(): void {
  const grouped = logs.groupBy((_, log) => log.service, { key: string() })
  same<KTable<string, number, true, true>>(grouped.count())
  const windowed = grouped.windowedBy(tumblingWindows({ sizeMs: 10 }))
  same<KTable<Windowed<string>, number, true, true>>(windowed.count())
  windowed.aggregate(
    () => 0,
    (_, log, sum) => sum + log.durationMs,
    { value: long() },
  )
  const add = (_: string, log: Log, sum: number) => sum + log.durationMs
  // @ts-expect-error the serde is of another aggregate
  windowed.aggregate(() => 0, add, { value: string() })
  // @ts-expect-error an aggregate needs its serde
  windowed.aggregate(
    () => 0,
    (_, log, sum) => sum + log.durationMs,
  )
  const sessions = grouped.windowedBy(sessionWindows({ gapMs: 10 }))
  sessions.aggregate(
    () => 0,
    (_, log, sum) => sum + log.durationMs,
    (_, left, right) => left + right,
    { value: long() },
  )
  // @ts-expect-error sessions merge: the merger is missing
  sessions.aggregate(
    () => 0,
    (_, log, sum) => sum + log.durationMs,
    { value: long() },
  )
  windowed
    .count()
    .toStream((window) => window.key)
    .to('out', { key: string() })
}

export function joins(): void {
  const windows = joinWindows({ differenceMs: 10 })
  same<KStream<string, string, true, false>>(
    logs.join(counts, (log, count) => `${log.service} ${count + 1}`, { windows }),
  )
  // @ts-expect-error a stream joins a stream within windows
  logs.join(counts, (log, count) => `${log.service} ${count}`)
  // @ts-expect-error the right side is a number
  logs.join(counts, (log, count) => log.service + count.team, { windows })
  // @ts-expect-error the keys are of different types
  logs.join(byNumber, (log, owner) => log.service + owner.team)
  same<KStream<string, string, true, false>>(logs.join(owners, (log, owner) => log.service + owner.team))
  // @ts-expect-error a left join may find no owner
  logs.leftJoin(owners, (log, owner) => log.service + owner.team)
  logs.leftJoin(owners, (log, owner) => log.service + (owner?.team ?? ''))
  const renamed = logs.selectKey((_, log) => log.service)
  const team = (log: Log, owner: Owner) => log.service + owner.team
  // @ts-expect-error the key has changed, and the join goes through a topic: its serde is missing
  renamed.join(owners, team)
  same<KStream<string, string, true, false>>(renamed.join(owners, team, { key: string() }))
  const remade = logs.map((key, log) => [key, log.durationMs] as [string, number])
  // @ts-expect-error the value has changed with it: its serde is missing too
  remade.join(owners, (duration, owner) => owner.team + duration, { key: string() })
  remade.join(owners, (duration, owner) => owner.team + duration, { key: string(), value: long() })
  logs.mapValues((log) => log.durationMs).join(owners, (duration, owner) => owner.team + duration)
  logs.join(
    everywhere,
    (_, log) => log.durationMs,
    (log, owner) => log.service + owner.team,
  )
  const describe = (log: Log, owner: Owner) => log.service + owner.team
  // @ts-expect-error the selected key is not the table's
  logs.join(everywhere, (_, log) => log.service, describe)
  // @ts-expect-error a table is not a stream
  logs.merge(owners)
  // @ts-expect-error a stream is not a table
  owners.join(logs, (owner) => owner.team)
}

export function tables(): void {
  const teams = owners.mapValues((owner) => owner.team)
  // @ts-expect-error the value has changed: its serde is missing
  teams.toStream().to('out')
  owners
    .mapValues((owner) => owner.team, { store: 'teams', value: string() })
    .toStream()
    .to('out')
  owners.groupBy((key, owner) => [owner.team, key] as const, { key: string(), value: string() }).count()
  // @ts-expect-error a grouped table goes through a topic: its serdes are missing
  owners.groupBy((key, owner) => [owner.team, key] as const)
  owners.foreignKeyJoin(
    byNumber,
    (_, owner) => owner.team.length,
    (left, right) => left.team + right.team,
  )
  const joined = (left: Owner, right: Owner) => left.team + right.team
  // @ts-expect-error the foreign key is not the other table's key
  owners.foreignKeyJoin(byNumber, (_, owner) => owner.team, joined)
}

export function branches(): void {
  const { errors, rest } = logs
    .split({ name: 'by-level-' })
    .branch((_, log) => log.level === 'ERROR', { name: 'errors' })
    .defaultBranch({ name: 'rest' })
  same<KStream<string, Log, true, true>>(errors)
  rest.to('rest')
  const empty = logs
    .split()
    .branch((key) => key === '', { name: 'empty' })
    .noDefaultBranch()
  empty.empty.to('empty')
  // @ts-expect-error no branch has this name
  empty.full.to('full')
}
