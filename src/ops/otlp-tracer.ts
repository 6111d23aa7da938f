import { randomFillSync } from 'node:crypto'
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { type Clock, systemClock } from '../core/clock.ts'
import { errorMessage, MillraceError } from '../core/errors.ts'
import { type Logger, standardErrorLogger } from '../core/logger.ts'
import type { Span, SpanContext, SpanOptions, SpanParent, Tracer } from '../core/tracing.ts'
import { Trouble } from '../core/trouble.ts'

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
  readonly #trouble: Trouble
  readonly #waiting: OtlpSpan[] = []
  #timer: { cancel(): void } | undefined
  #flushing: Promise<void> | undefined

  /** Throws INVALID_OPTION for an address or headers that no request can have. */
  constructor(options: OtlpTracerOptions) {
    checkAddress(options)
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const logger = options.logger ?? standardErrorLogger
    this.#trouble = new Trouble(
      this.#clock,
      ({ error }) =>
        logger.warn(
          { dropped: this.dropped, error: errorMessage(error) },
          'the collector did not take spans, dropping them',
        ),
      () => logger.info({ dropped: this.dropped }, 'the collector takes spans again'),
    )
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

  /** Sends what waits, up to the first request that fails: its spans are dropped. Never rejects. */
  flush(): Promise<void> {
    this.#flushing ??= this.#sendWaiting().finally(() => {
      this.#flushing = undefined
    })
    return this.#flushing
  }

  /** Sends what waits, up to the first request that fails, and drops the rest. Called when no span ends any more. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    await this.flush()
    this.dropped += this.#waiting.splice(0).length
  }

  async #sendWaiting(): Promise<void> {
    let isTaken = true
    while (isTaken && this.#waiting.length > 0) isTaken = await this.#send(this.#waiting.splice(0, batchMax))
  }

  /** False: they were dropped. */
  async #send(spans: readonly OtlpSpan[]): Promise<boolean> {
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
      this.#trouble.worked()
      return true
    } catch (error) {
      this.dropped += spans.length
      this.#trouble.failed(error)
      return false
    }
  }
}

/** At the start, and without values: what `fetch` throws about them quotes the secret. */
function checkAddress({ url, headers = {} }: OtlpTracerOptions): void {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address === undefined) throw refused('url is no address')
  if (address.username !== '' || address.password !== '') throw refused('url has a user or a password: use headers')
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      throw refused(`headers cannot be sent (${errorMessage(error)})`)
    }
  }
}

function refused(problem: string): MillraceError {
  return new MillraceError('INVALID_OPTION', 'fatal', `${problem}: give what the collector of the traces needs`)
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
