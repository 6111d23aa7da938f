import type { Headers } from './headers.ts'

/** Names a span in all systems that a trace goes through, as W3C Trace Context does. */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  /** Bit 0: the trace is sampled. */
  readonly traceFlags: number
}

/** The span that a record was sent in, as its headers say. */
export interface RemoteParent extends SpanContext {
  /** It may be a span of another program. */
  readonly isRemote: true
  /** The header `tracestate`; undefined: there is none. */
  readonly stateText: string | undefined
}

/** What a span is a part of: the span of the record or of an operator, or what the headers of the record name. */
export type SpanParent = SpanContext | RemoteParent

/** What a span is about. The numbers are those of OpenTelemetry: 0 internal, 3 producer, 4 consumer. */
export interface SpanOptions {
  /** The number of its kind. */
  readonly kind: 0 | 3 | 4
  /** Names are those of OpenTelemetry's conventions for messaging. */
  readonly attributes: Readonly<Record<string, string | number>>
}

/** A span that has begun. Spans of OpenTelemetry satisfy it. */
export interface Span {
  /** What names it. */
  spanContext(): SpanContext
  /** Notes an error within it. */
  recordException(error: Error): void
  /** Code 2: it has failed. */
  setStatus(status: { readonly code: 0 | 1 | 2; readonly message?: string }): unknown
  /** It is over; called once. */
  end(): void
}

/**
 * Makes spans. `openTelemetryTracer` of `millrace/ops` makes one of a tracer of OpenTelemetry, and `OtlpTracer` sends spans
 * itself. Called while a record is processed, so it must not wait. What it or its spans throw is logged; the record is
 * processed without the span.
 */
export interface Tracer {
  /** Begins a span; without a parent it begins a trace. */
  startSpan(name: string, options: SpanOptions, parent: SpanParent | undefined): Span
}

/** How an application traces its records. */
export interface TracingOptions {
  /** Makes the spans. */
  readonly tracer: Tracer
  /**
   * The share of records that begin a trace, 0 to 1. Records with a `traceparent` follow it: they are traced if their
   * sender was. Default: 0.01.
   */
  readonly sampleRatio?: number | undefined
}

const parentHeader = 'traceparent'
const stateHeader = 'tracestate'
/** Version ff and ids of zeros are invalid; later versions may have more behind the flags. */
const parentPattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/

/** What the headers `traceparent` and `tracestate` say; undefined: nothing that can be read. */
export function parentOf(headers: Headers): RemoteParent | undefined {
  for (const { key, value } of headers) {
    if (key !== parentHeader || value === null) continue
    const [, traceId, spanId, flags] = parentPattern.exec(textOf(value)) ?? []
    if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
    const state = headers.find((header) => header.key === stateHeader)?.value ?? undefined
    const stateText = state === undefined ? undefined : textOf(state)
    return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, stateText }
  }
  return undefined
}

/** The headers with this span as the parent of whoever reads them; `tracestate` stays as it is. */
export function withParent(headers: Headers, { traceId, spanId, traceFlags }: SpanContext): Headers {
  const value = Buffer.from(`00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`)
  return [...headers.filter(({ key }) => key !== parentHeader), { key: parentHeader, value }]
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
