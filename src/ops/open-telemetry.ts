import type { Span, SpanContext, SpanOptions, SpanParent, Tracer } from '../core/tracing.ts'

/** What is used of the package `@opentelemetry/api`: pass the module itself. */
export interface OpenTelemetryApi<Context> {
  /** The context without a span. */
  readonly ROOT_CONTEXT: Context
  /** Puts the span of another program into a context. */
  readonly trace: {
    setSpanContext(context: Context, spanContext: SpanContext): Context
  }
  /** Reads the header `tracestate`. */
  createTraceState(text: string): unknown
}

/** A tracer of OpenTelemetry, such as `trace.getTracer('orders')`. */
export interface OpenTelemetryTracer<Context> {
  /** As in OpenTelemetry. */
  startSpan(name: string, options: SpanOptions, context: Context): Span
}

/**
 * Traces with OpenTelemetry: its samplers, processors and exporters decide what becomes of the spans.
 */
export function openTelemetryTracer<Context>(
  api: OpenTelemetryApi<Context>,
  tracer: OpenTelemetryTracer<Context>,
): Tracer {
  const contextOf = (parent: SpanParent): SpanContext => {
    if (!('stateText' in parent)) return parent
    const { stateText, ...context } = parent
    return stateText === undefined ? context : { ...context, ...{ traceState: api.createTraceState(stateText) } }
  }
  return {
    startSpan(name, options, parent) {
      if (parent === undefined) return tracer.startSpan(name, options, api.ROOT_CONTEXT)
      return tracer.startSpan(name, options, api.trace.setSpanContext(api.ROOT_CONTEXT, contextOf(parent)))
    },
  }
}
