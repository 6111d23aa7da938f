import * as api from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { expect, test } from '@jest/globals'
import { defineTopology, startStreams, string } from '../../src/index.ts'
import { openTelemetryTracer } from '../../src/ops/index.ts'
import { openMemoryKafka, processed } from './memory-kafka.ts'

const topology = defineTopology('orders', (builder) => {
  builder.stream('in', { key: string(), value: string() }).to('out')
})

test('traces with the SDK of OpenTelemetry', async () => {
  const { kafka, send, close } = await openMemoryKafka('in', 'out')
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })

  // #region otel
  const tracer = openTelemetryTracer(api, provider.getTracer('orders'))
  const tracing = { tracer, sampleRatio: 0.1 }
  const streams = await startStreams({ applicationId: 'orders', kafka, tracing }, topology)
  // #endregion

  for (let count = 0; count < 500; count++) await send('in', 'a', 'hello')
  await processed(streams, 500)
  await streams.close()
  await close()
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain('send out')
})
