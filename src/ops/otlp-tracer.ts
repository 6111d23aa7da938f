import { randomFillSync } from 'node:crypto'
import { type Clock, systemClock } from '../core/clock.ts'
import { errorMessage } from '../core/errors.ts'
import { type Logger, standardErrorLogger } from '../core/logger.ts'
import type { Span, SpanContext, SpanOptions, SpanParent, Tracer } from '../core/tracing.ts'

/** Where an `OtlpTracer` sends its spans. */
export interface OtlpTracerOptions {
  /** The address for traces of a collector, such as `http://localhost:4318/v1/traces`. */
  readonly url: string
  /** The name under which the spans are found. */
  readonly serviceName: string
  /** Sent with each request, such as a token. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Spans that wait to be sent; those beyond are dropped and counted. Default: 4096. */
  readonly spansMax?: number | undefined
  /** Time between two requests, in milliseconds. Default: 1000. */
  readonly intervalMs?: number | undefined
  /** Time from a request to its answer, in milliseconds. Default: 10000. */
  readonly timeoutMs?: number | undefined
  /** The source of time. Default: `systemClock`. */
  readonly clock?: Clock | undefined
  /** Where dropped spans are logged. Default: warnings on standard error. */
  readonly logger?: Logger | undefined
}

/** Spans of one request. */
const batchMax = 512

/**
 * Sends spans to an OpenTelemetry collector as JSON (OTLP over HTTP), without any package of OpenTelemetry. Records never
 * wait for it: spans that the collector does not take in time are dropped and counted.
 */
export class OtlpTracer implements Tracer {
  /** Spans that were not delivered. */
  dropped = 0
  readonly #options: OtlpTracerOptions
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #waiting: OtlpSpan[] = []
  #timer: { cancel(): void } | undefined
  #sending: Promise<void> = Promise.resolve()

  constructor(options: OtlpTracerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#logger = options.logger ?? standardErrorLogger
  }

  /** Begins a span; it is sent some time after its end. */
  startSpan(name: string, options: SpanOptions, parent: SpanParent | undefined): Span {
    return new OtlpSpan(name, options, parent, this.#clock, (span) => this.#ended(span))
  }

  #ended(span: OtlpSpan): void {
    const { spansMax = 4096, intervalMs = 1000 } = this.#options
    if (this.#waiting.length >= spansMax) this.dropped++
    else this.#waiting.push(span)
    this.#timer ??= this.#clock.setTimer(intervalMs, () => {
      this.#timer = undefined
      void this.flush()
    })
  }

  /** Sends what waits. Never rejects: what the collector does not take is dropped. */
  flush(): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, batchMax))
    })
    return this.#sending
  }

  /** Sends what waits; no span is sent after that. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.flush()
  }

  async #send(spans: readonly OtlpSpan[]): Promise<void> {
    const { url, headers = {}, timeoutMs = 10_000, serviceName } = this.#options
    const resource = { attributes: attributesOf({ 'service.name': serviceName }) }
    const scopeSpans = [{ scope: { name: 'millrace' }, spans: spans.map((span) => span.toOtlp()) }]
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
        signal: AbortSignal.timeout(timeoutMs),
      })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`status ${response.status}`)
    } catch (error) {
      this.dropped += spans.length
      const fields = { spans: spans.length, dropped: this.dropped, error: errorMessage(error) }
      this.#logger.warn(fields, 'the collector did not take the spans, dropping them')
    }
  }
}

class OtlpSpan implements Span {
  readonly #name: string
  readonly #options: SpanOptions
  readonly #parent: SpanParent | undefined
  readonly #context: SpanContext
  readonly #clock: Clock
  readonly #onEnd: (span: OtlpSpan) => void
  readonly #startMs: number
  readonly #startMonotonicMs: number
  #durationMs = 0
  #error: Error | undefined
  #code = 0

  constructor(
    name: string,
    options: SpanOptions,
    parent: SpanParent | undefined,
    clock: Clock,
    onEnd: (span: OtlpSpan) => void,
  ) {
    this.#name = name
    this.#options = options
    this.#parent = parent
    this.#clock = clock
    this.#onEnd = onEnd
    const traceId = parent?.traceId ?? randomId(16)
    this.#context = { traceId, spanId: randomId(8), traceFlags: 1 }
    this.#startMs = clock.nowMs()
    this.#startMonotonicMs = clock.monotonicMs()
  }

  spanContext(): SpanContext {
    return this.#context
  }

  recordException(error: Error): void {
    this.#error = error
  }

  setStatus({ code }: { readonly code: 0 | 1 | 2 }): void {
    this.#code = code
  }

  end(): void {
    this.#durationMs = this.#clock.monotonicMs() - this.#startMonotonicMs
    this.#onEnd(this)
  }

  toOtlp(): unknown {
    const { traceId, spanId } = this.#context
    const parent = this.#parent
    const message = this.#error?.message
    return {
      traceId,
      spanId,
      traceState: parent !== undefined && 'stateText' in parent ? parent.stateText : undefined,
      parentSpanId: parent?.spanId,
      name: this.#name,
      // The numbers of the protocol begin with one for a kind that is not given.
      kind: this.#options.kind + 1,
      startTimeUnixNano: nanoseconds(this.#startMs),
      endTimeUnixNano: nanoseconds(this.#startMs + this.#durationMs),
      attributes: attributesOf(this.#options.attributes),
      events: this.#error === undefined ? [] : [this.#event(this.#error)],
      status: this.#code === 0 ? {} : { code: this.#code, message },
    }
  }

  #event({ name, message, stack }: Error): unknown {
    const attributes = { 'exception.type': name, 'exception.message': message, 'exception.stacktrace': stack ?? '' }
    return {
      name: 'exception',
      timeUnixNano: nanoseconds(this.#startMs + this.#durationMs),
      attributes: attributesOf(attributes),
    }
  }
}

function attributesOf(attributes: SpanOptions['attributes']): readonly unknown[] {
  return Object.entries(attributes).map(([key, value]) => {
    return { key, value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) } }
  })
}

const random = Buffer.alloc(4096)
let randomAt = random.length

/** Hexadecimal digits of so many bytes; many are drawn at once, because each draw is a call of the system. */
function randomId(bytes: number): string {
  if (randomAt + bytes > random.length) {
    randomFillSync(random)
    randomAt = 0
  }
  randomAt += bytes
  return random.toString('hex', randomAt - bytes, randomAt)
}

/** Text: a number would lose digits. */
function nanoseconds(ms: number): string {
  return `${BigInt(Math.round(ms * 1000)) * 1000n}`
}
