import {
  type JsonView,
  json,
  jsonView,
  type Serde,
  StreamsBuilder,
  string,
  type Topology,
  tumblingWindows,
} from '../../src/index.ts'
import type { Log } from './logs.ts'

/**
 * What is compared. `A`: keep WARN and above, add a field, write back. `B`: count logs and errors of each service in windows
 * of a minute, write what changes. Line by line the topologies of `scripts/kafka-streams/Jobs.java`.
 */
export const jobs = ['A', 'B'] as const
export type Job = (typeof jobs)[number]

interface Counts {
  readonly total: number
  readonly errors: number
}

/** Of a log, as the job needs it; `alert` is what job A adds. */
type Alerted = Log & { readonly alert?: string }
type Read = Pick<Alerted, 'level' | 'alert'>

const key = string()
const isHigh = ({ level }: Read) => level === 'WARN' || level === 'ERROR' || level === 'FATAL'

/** `seen` is called for each log. */
export function topologyOf(job: Job, isView: boolean, application: string, seen: () => void): Topology {
  const builder = new StreamsBuilder()
  if (job === 'A' && isView) alertViews(builder, application, seen)
  if (job === 'A' && !isView) alertObjects(builder, application, seen)
  if (job === 'B' && isView) count(builder, jsonView<Read>({ level: 'string', alert: 'string' }), application, seen)
  if (job === 'B' && !isView) count(builder, json<Alerted>(), application, seen)
  return builder.build()
}

function alertViews(builder: StreamsBuilder, application: string, seen: () => void): void {
  const value: Serde<JsonView<Read>> & { of?: unknown } = jsonView<Read>({ level: 'string', alert: 'string' })
  builder
    .stream('logs', { key, value })
    .filter((_, log) => {
      seen()
      return isHigh(log)
    })
    .mapValues((log) => log.with({ alert: 'yes' }))
    .to(`${application}-out`, { key, value })
}

function alertObjects(builder: StreamsBuilder, application: string, seen: () => void): void {
  const value = json<Alerted>()
  builder
    .stream('logs', { key, value })
    .filter((_, log) => {
      seen()
      return isHigh(log)
    })
    .mapValues((log) => ({ ...log, alert: 'yes' }))
    .to(`${application}-out`, { key, value })
}

function count<Value extends Read>(
  builder: StreamsBuilder,
  value: Serde<Value>,
  application: string,
  seen: () => void,
): void {
  builder
    .stream('logs', { key, value })
    .groupByKey()
    .windowedBy(tumblingWindows({ sizeMs: 60_000, graceMs: 60_000 }))
    .aggregate(
      (): Counts => ({ total: 0, errors: 0 }),
      (_, log, { total, errors }): Counts => {
        seen()
        return { total: total + 1, errors: log.level === 'ERROR' ? errors + 1 : errors }
      },
      { store: 'counts', value: json<Counts>() },
    )
    .toStream()
    .map(({ key: service, window }, counts): [string, Counts] => [`${service}@${window.startMs}`, counts])
    .to(`${application}-out`, { key, value: json<Counts>() })
}
