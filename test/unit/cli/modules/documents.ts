import { defineTopology, json, string } from '../../../../src/index.ts'
import { defineWorker } from '../../../../src/worker/index.ts'

/** Its sinks are those of the settings. */
export default defineWorker({
  name: 'documents',
  topology: ({ sinks }) =>
    defineTopology('documents', (builder) => {
      const stream = builder.stream('documents', { key: string(), value: json<object>() })
      for (const sink of sinks) stream.toSink(sink)
    }),
})
