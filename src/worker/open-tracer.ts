import { OtlpTracer } from '../ops/otlp-tracer.ts'
import type { PreparedWorker } from './prepare-worker.ts'

/** What sends the spans of a worker; undefined: its settings say that nothing is traced. The caller closes it. */
export function openTracer({ applicationId, settings, logger }: PreparedWorker): OtlpTracer | undefined {
  const { url, serviceName = applicationId, headers } = settings.traces
  return url === undefined ? undefined : new OtlpTracer({ url, serviceName, headers: headersOf(headers), logger })
}

/** `name=value`, several separated by commas; values may be percent-encoded, as in all programs of OpenTelemetry. */
function headersOf(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').map((pair) => pair.split('=', 2).map((part) => part.trim()))
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (name && value ? [[name, decodeURIComponent(value)]] : [])),
  )
}
