import { defineTopology, json, minutes, string, tumblingWindows, untilWindowCloses } from '../../src/index.ts'
import type { Sink, SinkFactory } from '../../src/sinks/index.ts'
import { type CheckEvent, cleanTopic, countsTopic, eventsTopic } from './events.ts'

/** Duplicates dropped, the events of each region and minute, an alert for each error. */
export const checkTopology = defineTopology('replay-check', (builder) => {
  const clean = builder
    .stream(eventsTopic, { key: string(), value: json<CheckEvent>() })
    .deduplicate({ name: 'once', store: 'seen', id: (_, { id }) => id, idSerde: string(), ttlMs: minutes(5) })
  clean.to(cleanTopic, { key: string(), value: json<CheckEvent>() })
  clean
    .groupBy((_, { region }) => region, { name: 'by-region', key: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: minutes(15) }))
    .aggregate(
      () => [],
      (_, { id }, ids: readonly string[]) => [...ids, id],
      { name: 'per-minute', store: 'per-minute', value: json<readonly string[]>() },
    )
    .suppress(untilWindowCloses())
    .toStream((key) => `${key.key}/${key.window.startMs}`)
    // Events of two partitions may be counted in another order.
    .mapValues((ids) => [...ids].sort())
    .to(countsTopic, { key: string(), value: json<readonly string[]>() })
  clean.filter((_, { level }) => level === 'error').toSink('alerts')
})

/** Counts what it would notify of. */
export class CountingAlerts implements SinkFactory {
  readonly name = 'alerts'
  readonly outputClass = 'side-effect'
  notified = 0

  create(): Sink {
    return {
      open: async () => {},
      add: () => void this.notified++,
      isFull: false,
      pump: () => {},
      flush: async () => {},
      discard: () => {},
      close: async () => {},
    }
  }
}
