import { defineTopology, json, minutes, string, tumblingWindows, untilWindowCloses } from '../../src/index.ts'
import type { Sink, SinkFactory } from '../../src/sinks/index.ts'
import { type CheckEvent, cleanTopic, countsTopic, eventsTopic } from './events.ts'

/** Duplicates dropped, counts per region and minute, an alert for each error. */
export const checkTopology = defineTopology('replay-check', (builder) => {
  const clean = builder
    .stream(eventsTopic, { key: string(), value: json<CheckEvent>() })
    .deduplicate({ name: 'once', store: 'seen', id: (_, { id }) => id, idSerde: string(), ttlMs: minutes(5) })
  clean.to(cleanTopic, { key: string(), value: json<CheckEvent>() })
  clean
    .groupBy((_, { region }) => region, { name: 'by-region', key: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1), graceMs: minutes(15) }))
    .count({ name: 'per-minute', store: 'per-minute' })
    .suppress(untilWindowCloses())
    .toStream((key) => `${key.key}/${key.window.startMs}`)
    .mapValues(String)
    .to(countsTopic, { key: string(), value: string() })
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
