import { defineTopology, json, minutes, string, tumblingWindows, untilWindowCloses } from '../../../../src/index.ts'
import { defineWorker } from '../../../../src/worker/index.ts'

/** A topology in which every rule of `millrace lint` finds something. */
const loose = defineTopology('loose', (builder) => {
  const events = builder.stream('events', { name: 'events', key: string(), value: json<{ user: string }>() })
  events
    .groupBy((_, { user }) => user, { key: string() })
    .windowedBy(tumblingWindows({ sizeMs: minutes(1) }))
    .count({ name: 'per-minute' })
    .suppress(untilWindowCloses({ name: 'final' }))
    .toStream(({ key }) => key)
    .mapValues((count) => ({ user: String(count) }), { name: 'as-events' })
    .to('events', { key: string(), value: json<{ user: string }>() })
  events.toSink('search', { name: 'to-search' })
})

export default defineWorker({
  name: 'loose',
  topology: () => loose,
  sinks: () => [],
  examples: [
    {
      name: 'expects the wrong count',
      input: [{ topic: 'events', value: { user: 'ann' } }],
      output: { events: [{ value: 7 }] },
    },
    { name: 'names a topic that nobody reads', input: [{ topic: 'elsewhere', value: 1 }], output: {} },
  ],
})
