import { OtlpTracer } from '../ops/otlp-tracer.ts'
import type { PreparedWorker } from './prepare-worker.ts'

/** What sends the spans of a worker; undefined: its settings say that nothing is traced. The caller closes it. */
export function openTracer({ applicationId, settings, logger }: PreparedWorker): OtlpTracer | undefined {
  const { url, serviceName = applicationId, headers } = settings.traces
  return url === undefined ? undefined : new OtlpTracer({ url, serviceName, headers: headersOf(headers), logger })
}

/** `name=value`, several separated by commas; values may be percent-encoded, as in all programs of OpenTelemetry. */
function headersOf(text: string | undefined): Readonly<Record<string, string>> {
  const pairs = (text ?? '').split(',').map((pair) => /^([^=]+)=(.+)$/.exec(pair.trim()) ?? [])
  return Object.fromEntries(
    pairs.flatMap(([, name, value]) => (name && value ? [[name.trim(), decoded(value.trim())]] : [])),
  )
}

/** A value with a percent sign that is not encoded is meant as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
