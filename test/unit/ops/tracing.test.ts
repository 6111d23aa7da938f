import * as api from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { beforeEach, describe, expect, test } from '@jest/globals'
import {
  type Headers,
  type Logger,
  silentLogger,
  startStreams,
  StreamsBuilder,
  string,
  type Tracer,
} from '../../../src/index.ts'
import { openTelemetryTracer } from '../../../src/ops/index.ts'
import type { SinkFactory } from '../../../src/sinks/port.ts'
import { CaptureSink } from '../../../src/testing/capture.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'

const text = { key: string(), value: string() }
const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'
const sampled = header('traceparent', `00-${traceId}-${parentId}-01`)
const state = header('tracestate', 'vendor=1')

let memory: MemoryKafka
let exporter: InMemorySpanExporter
let provider: BasicTracerProvider

beforeEach(() => {
  memory = new MemoryKafka({ topics: { in: 1, out: 1, table: 1 } })
  exporter = new InMemorySpanExporter()
  provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
})

function header(key: string, value: string): Headers[number] {
  return { key, value: Buffer.from(value) }
}

interface RunOptions {
  readonly sampleRatio?: number
  readonly logger?: Logger
  readonly sinks?: readonly SinkFactory[]
  readonly record?: readonly [key: string, value: string]
  readonly tracer?: Tracer
}

/** Processes one record with these headers. */
async function run(
  define: (builder: StreamsBuilder) => void,
  headers: Headers,
  {
    sampleRatio = 0,
    logger = silentLogger,
    sinks = [],
    record: [key, value] = ['k', 'x'],
    tracer = openTelemetryTracer(api, provider.getTracer('test')),
  }: RunOptions = {},
): Promise<void> {
  const builder = new StreamsBuilder()
  define(builder)
  const tracing = { tracer, sampleRatio }
  const options = { applicationId: 'app', commitIntervalMs: 20, producerLingerMs: 0, cacheBytesMax: 0 }
  const streams = await startStreams(
    { ...options, processingHandler: 'continue', kafka: memory.connection, logger, sinks, tracing },
    builder.build(),
  )
  memory.topic('in', text).write(key, value, { headers, timestamp: 1 })
  await memory.until(() => memory.uncommitted('app', 'in') === 0)
  const between = [...memory.cluster.topics.keys()].filter((name) => name.endsWith('-repartition'))
  await memory.until(() => between.every((name) => memory.uncommitted('app', name) === 0))
  await streams.close()
}

/** Each span as `parent > name`, in order of their ends. */
function tree(): readonly string[] {
  const spans = exporter.getFinishedSpans()
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
  return spans.map((span) => {
    const parent = span.parentSpanContext?.spanId
    return `${parent === undefined ? '' : (names.get(parent) ?? parent)} > ${span.name}`
  })
}

function outputHeaders(): Readonly<Record<string, string>> {
  const [record] = memory.topic('out', text).read()
  return Object.fromEntries((record?.headers ?? []).map(({ key, value }) => [key, String(Buffer.from(value ?? ''))]))
}

const upper = (builder: StreamsBuilder) =>
  builder
    .stream('in', text)
    .mapValues((value) => value.toUpperCase(), { name: 'upper' })
    .filter((_, value) => value !== '', { name: 'some' })
    .to('out', { ...text, name: 'to-out' })

describe('a trace through a topology', () => {
  test('has a span for the record and for each operator that it goes through', async () => {
    await run(upper, [sampled])
    expect(tree()).toEqual(['some > send out', 'upper > some', 'process in > upper', `${parentId} > process in`])
    const [send, , , input] = exporter.getFinishedSpans()
    expect(input?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'in',
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
    })
    expect([input?.kind, send?.kind]).toEqual([api.SpanKind.CONSUMER, api.SpanKind.PRODUCER])
    expect(new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]))
  })

  test('continues in the headers of the output, with the vendor state as it was', async () => {
    await run(upper, [state, sampled])
    const [send] = exporter.getFinishedSpans()
    expect(outputHeaders()).toEqual({
      tracestate: 'vendor=1',
      traceparent: `00-${traceId}-${send?.spanContext().spanId}-01`,
    })
    expect(exporter.getFinishedSpans().at(-1)?.parentSpanContext?.traceState?.get('vendor')).toBe('1')
  })

  test('continues in the record that a target outside of Kafka gets', async () => {
    const captured = new CaptureSink()
    const sinks = [{ name: 'target', create: () => captured }]
    await run((builder) => builder.stream('in', text).toSink('target', { name: 'to-target' }), [sampled], { sinks })
    const span = exporter.getFinishedSpans().find(({ name }) => name === 'to-target')
    expect(captured.records.map(({ headers }) => headers)).toEqual([
      [header('traceparent', `00-${traceId}-${span?.spanContext().spanId}-01`)],
    ])
  })

  test('continues behind a repartition topic', async () => {
    await run(
      (builder) => {
        const counts = builder
          .stream('in', text)
          .groupBy((_, value) => value, { ...text, name: 'by-value' })
          .count()
        counts.toStream().mapValues(String).to('out', text)
      },
      [sampled],
    )
    const inputs = exporter.getFinishedSpans().filter(({ name }) => name.startsWith('process '))
    expect(inputs.map(({ name }) => name)).toEqual(['process in', 'process app-by-value-repartition'])
    expect(tree()).toContain('send by-value-repartition > process app-by-value-repartition')
  })

  test('begins with the record where it has no headers and is sampled', async () => {
    await run(upper, [], { sampleRatio: 1 })
    expect(tree().at(-1)).toBe(' > process in')
    expect(outputHeaders()['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  test.each([
    ['its sender did not sample it', [header('traceparent', `00-${traceId}-${parentId}-00`)], 1],
    ['no share of the records is sampled', [], 0],
    ['its header cannot be read', [header('traceparent', 'nonsense')], 0],
    ['its trace has no id', [header('traceparent', `00-${'0'.repeat(32)}-${parentId}-01`)], 0],
    ['its header is of an invalid version', [header('traceparent', `ff-${traceId}-${parentId}-01`)], 0],
  ])('has no span where %s, and headers stay as they are', async (_, headers, sampleRatio) => {
    await run(upper, headers, { sampleRatio })
    expect(tree()).toEqual([])
    expect(outputHeaders()).toEqual(
      Object.fromEntries(headers.map(({ key, value }) => [key, String(Buffer.from(value ?? ''))])),
    )
  })

  test('shows what an operator throws', async () => {
    await run(
      (builder) =>
        builder
          .stream('in', text)
          .peek(
            () => {
              throw new Error('it broke')
            },
            { name: 'breaks' },
          )
          .to('out', text),
      [sampled],
    )
    const broken = exporter.getFinishedSpans().find(({ name }) => name === 'breaks')
    expect(broken?.status.code).toBe(api.SpanStatusCode.ERROR)
    expect(broken?.events.map(({ attributes }) => attributes?.['exception.message'])).toEqual(['it broke'])
  })

  test.each([-0.1, 1.1, Number.NaN])('is refused with the share %p of the records', async (sampleRatio) => {
    await expect(run(upper, [], { sampleRatio })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  test('has nothing of a key, a value or a header of the record', async () => {
    const secret = 'Bearer-s3cret'
    await run(
      (builder) =>
        builder
          .stream('in', text)
          .map((key, value) => [`${key}${value}`, value])
          .to('out', text),
      [sampled, header('authorization', secret)],
      { record: [secret, secret] },
    )
    const spans = exporter.getFinishedSpans().map(({ name, attributes, events }) => ({ name, attributes, events }))
    expect(spans).toHaveLength(3)
    expect(JSON.stringify(spans)).not.toContain(secret)
  })

  test.each(['startSpan', 'spanContext', 'recordException', 'setStatus', 'end'])(
    'is left out where the tracer throws in %s: the record is processed, and one line is logged',
    async (broken) => {
      const lines: string[] = []
      const logger = { ...silentLogger, warn: (_: object, message: string) => lines.push(message), child: () => logger }
      const breaks = (): never => {
        throw new Error('the tracer is broken')
      }
      const span = { spanContext: () => ({ traceId, spanId: parentId, traceFlags: 1 }), end() {}, setStatus() {} }
      const tracer = { startSpan: () => ({ ...span, recordException() {}, [broken]: breaks }), [broken]: breaks }
      await run(
        (builder) => {
          const stream = builder.stream('in', text)
          stream.to('out', text)
          stream.foreach(() => {
            throw new Error('the operator is broken')
          })
        },
        [],
        { sampleRatio: 1, logger, tracer: { startSpan: tracer.startSpan } },
      )
      expect(memory.topic('out', text).read()).toHaveLength(1)
      expect(lines.filter((line) => line.includes('tracer'))).toEqual([
        'the tracer throws, processing without its spans',
      ])
    },
  )

  test('is named in the log lines that are written meanwhile, and in no other', async () => {
    const lines: (readonly [string, unknown])[] = []
    const logger: Logger = {
      ...silentLogger,
      info: (fields, message) => lines.push([message, fields['trace_id']]),
      warn: (fields, message) => lines.push([message, fields['trace_id']]),
      child: () => logger,
    }
    await run(
      (builder) =>
        builder
          .stream('in', text)
          .mapValues((): string => {
            throw new Error('it broke')
          })
          .to('out', text),
      [sampled],
      { logger },
    )
    expect(lines.filter(([, id]) => id === traceId).map(([message]) => message)).toHaveLength(1)
    expect(lines.filter(([, id]) => id === undefined).length).toBeGreaterThan(0)
  })
})
