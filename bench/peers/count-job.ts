import { json, jsonView, type Serde, type StreamsBuilder, string, tumblingWindows } from '../../src/index.ts'
import type { Log } from './logs.ts'

interface Counts {
  readonly total: number
  readonly errors: number
}
type Read = Pick<Log, 'level'>

const key = string()

export function countViews(builder: StreamsBuilder, output: string, seen: () => void): void {
  count(builder, jsonView<Read>({ level: 'string' }), output, seen)
}

export function countObjects(builder: StreamsBuilder, output: string, seen: () => void): void {
  count(builder, json<Log>(), output, seen)
}

function count<Value extends Read>(
  builder: StreamsBuilder,
  value: Serde<Value>,
  output: string,
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
    .to(output, { key, value: json<Counts>() })
}
