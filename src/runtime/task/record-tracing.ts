import type { Clock } from '../../core/clock.ts'
import { errorMessage, MillraceError } from '../../core/errors.ts'
import type { Headers } from '../../core/headers.ts'
import type { LogFields, Logger } from '../../core/logger.ts'
import {
  parentOf,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanParent,
  type Tracer,
  type TracingOptions,
  withParent,
} from '../../core/tracing.ts'
import { Trouble } from '../../core/trouble.ts'
import type { Receiver } from '../../operators/operator.ts'
import type { RecordContext } from '../../stores/record-context.ts'
import type { ProcessorNode, SinkNode } from '../../topology/node.ts'

const [internal, producer, consumer] = [0, 3, 4] as const
const failed = 2
const sampleRatioDefault = 0.01

interface OpenSpan {
  readonly span: Span
  readonly context: SpanContext
}

/**
 * The traces of an application: a span for each sampled record, with child spans of the operators that it goes through.
 *
 * It wraps the receivers of a task when the task is made. An application without tracing has none of these wrappers, so
 * that its records cost nothing more. Processing is synchronous: one span is the current one, whatever the number of
 * tasks and threads. What an operator releases later (a commit, a timer, a call that was answered) has no current span,
 * and keeps the headers that it was held with. What the tracer throws is logged, and fails no record.
 */
export class RecordTracing {
  /** The span within which everything happens now; undefined: nothing is traced. */
  current: OpenSpan | undefined
  readonly #tracer: Tracer
  readonly #sampleRatio: number
  readonly #trouble: Trouble

  /** Throws INVALID_OPTION for a `sampleRatio` that is no share. */
  constructor({ tracer, sampleRatio = sampleRatioDefault }: TracingOptions, clock: Clock, logger: Logger) {
    if (!(sampleRatio >= 0 && sampleRatio <= 1))
      throw new MillraceError('INVALID_OPTION', 'fatal', `sampleRatio is ${sampleRatio}: give a share from 0 to 1`)
    this.#tracer = tracer
    this.#sampleRatio = sampleRatio
    this.#trouble = new Trouble(
      clock,
      ({ failures, error }) =>
        logger.warn({ failures, error: errorMessage(error) }, 'the tracer throws, processing without its spans'),
      () => logger.info({}, 'the tracer works again'),
    )
  }

  /** Whether a record is traced that has such headers. */
  isSampled(parent: SpanParent | undefined): boolean {
    return parent === undefined ? Math.random() < this.#sampleRatio : (parent.traceFlags & 1) === 1
  }

  /** undefined: the tracer cannot. */
  begin(name: string, options: SpanOptions, parent: SpanParent | undefined): OpenSpan | undefined {
    try {
      const span = this.#tracer.startSpan(name, options, parent)
      return { span, context: span.spanContext() }
    } catch (error) {
      this.#trouble.failed(error)
      return undefined
    }
  }

  /** Hands a record on within the span, which ends with it. */
  within(open: OpenSpan, receiver: Receiver, key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const outer = this.current
    this.current = open
    let failure: { readonly error: unknown } | undefined
    try {
      receiver.process(key, value, timestamp, headers)
    } catch (error) {
      failure = { error }
      throw error
    } finally {
      this.current = outer
      this.#end(open.span, failure)
    }
  }

  #end(span: Span, failure: { readonly error: unknown } | undefined): void {
    try {
      if (failure !== undefined) {
        if (failure.error instanceof Error) span.recordException(failure.error)
        span.setStatus({ code: failed })
      }
      span.end()
      this.#trouble.worked()
    } catch (error) {
      this.#trouble.failed(error)
    }
  }

  /** Where records of a source enter. */
  source(receiver: Receiver, context: RecordContext): Receiver {
    return new TracedSource(this, receiver, context)
  }

  /** An operator; one that ends in a target outside of Kafka hands its own span on. */
  operator({ name, operator }: ProcessorNode, receiver: Receiver): Receiver {
    const attributes = { 'millrace.node': name, 'millrace.operator': operator.kind }
    const isOutput = operator.kind === 'external-sink'
    return new TracedNode(this, receiver, name, { kind: isOutput ? producer : internal, attributes }, isOutput)
  }

  /** A sink node: its records carry its span. */
  sink({ name, topic }: SinkNode, receiver: Receiver): Receiver {
    const attributes = { ...kafka, 'messaging.operation.type': 'send', 'millrace.node': name }
    if (typeof topic !== 'string')
      return new TracedNode(this, receiver, `send ${name}`, { kind: producer, attributes }, true)
    const options = { kind: producer, attributes: { ...attributes, 'messaging.destination.name': topic } }
    return new TracedNode(this, receiver, `send ${topic}`, options, true)
  }

  /** Adds `trace_id` and `span_id` to the lines that are written within a span. */
  logger(logger: Logger): Logger {
    const fieldsOf = (fields: LogFields): LogFields => {
      if (this.current === undefined) return fields
      const { traceId, spanId } = this.current.context
      return { ...fields, trace_id: traceId, span_id: spanId }
    }
    return {
      debug: (fields, message) => logger.debug(fieldsOf(fields), message),
      info: (fields, message) => logger.info(fieldsOf(fields), message),
      warn: (fields, message) => logger.warn(fieldsOf(fields), message),
      error: (fields, message) => logger.error(fieldsOf(fields), message),
      child: (fields) => this.logger(logger.child(fields)),
    }
  }
}

/** Begins a span for each record that is sampled, and hands all of them on. */
class TracedSource implements Receiver {
  readonly #tracing: RecordTracing
  readonly #receiver: Receiver
  readonly #context: RecordContext

  constructor(tracing: RecordTracing, receiver: Receiver, context: RecordContext) {
    this.#tracing = tracing
    this.#receiver = receiver
    this.#context = context
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const tracing = this.#tracing
    const parent = headers.length === 0 ? undefined : parentOf(headers)
    const context = this.#context
    const open = tracing.isSampled(parent)
      ? tracing.begin(`process ${context.topic}`, inputOptions(context), parent)
      : undefined
    if (open === undefined) return this.#receiver.process(key, value, timestamp, headers)
    tracing.within(open, this.#receiver, key, value, timestamp, headers)
  }
}

/** Begins a child of the current span, if there is one. */
class TracedNode implements Receiver {
  readonly #tracing: RecordTracing
  readonly #receiver: Receiver
  readonly #name: string
  readonly #options: SpanOptions
  readonly #isOutput: boolean

  constructor(tracing: RecordTracing, receiver: Receiver, name: string, options: SpanOptions, isOutput: boolean) {
    this.#tracing = tracing
    this.#receiver = receiver
    this.#name = name
    this.#options = options
    this.#isOutput = isOutput
  }

  process(key: unknown, value: unknown, timestamp: number, headers: Headers): void {
    const tracing = this.#tracing
    const parent = tracing.current
    const open = parent && tracing.begin(this.#name, this.#options, parent.context)
    if (open === undefined) return this.#receiver.process(key, value, timestamp, headers)
    const sent = this.#isOutput ? withParent(headers, open.context) : headers
    tracing.within(open, this.#receiver, key, value, timestamp, sent)
  }
}

const kafka = { 'messaging.system': 'kafka' } as const

function inputOptions({ topic, partition, offset }: RecordContext): SpanOptions {
  const attributes = {
    ...kafka,
    'messaging.operation.type': 'process',
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': offset,
  }
  return { kind: consumer, attributes }
}
