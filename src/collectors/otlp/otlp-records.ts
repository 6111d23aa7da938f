import { errorMessage } from '../../core/errors.ts'
import type { RefusalReason } from '../tally.ts'

export interface OtlpRecords {
  /** Each a request of OTLP/JSON with one log. */
  readonly taken: readonly Uint8Array[]
  readonly refused: readonly { readonly reason: RefusalReason; readonly text: string }[]
}

const end = ']}]}]}'

/**
 * A record for each log, with its resource and scope, in the form in which the OpenTelemetry collector writes logs to
 * Kafka as JSON: pipelines read it.
 */
export function otlpRecords(resourceLogs: readonly unknown[], recordBytesMax: number): OtlpRecords {
  const taken: Uint8Array[] = []
  const refused: { reason: RefusalReason; text: string }[] = []
  const take = (prefix: () => string, log: unknown): void => {
    try {
      const bytes = Buffer.from(`${prefix()}${JSON.stringify(log)}${end}`)
      if (bytes.length <= recordBytesMax) taken.push(bytes)
      else
        refused.push({
          reason: 'too-large',
          text: `a log of ${bytes.length} bytes: at most ${recordBytesMax} are taken`,
        })
    } catch (error) {
      // JSON of any depth can be read, but not written.
      refused.push({ reason: 'malformed', text: `a log cannot be written: ${errorMessage(error)}` })
    }
  }
  for (const { resource, scopeLogs } of objectsOf(resourceLogs)) {
    for (const { scope, logRecords } of objectsOf(scopeLogs)) {
      const prefix = once(
        () => `{"resourceLogs":[{"resource":${textOf(resource)},"scopeLogs":[{"scope":${textOf(scope)},"logRecords":[`,
      )
      for (const log of objectsOf(logRecords)) take(prefix, log)
    }
  }
  return { taken, refused }
}

/** Written once for all logs of a scope. */
function once(write: () => string): () => string {
  let text: string | undefined
  return () => (text ??= write())
}

function textOf(value: unknown): string {
  return JSON.stringify(value ?? {})
}

function objectsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return []
  return value.filter((item): item is Readonly<Record<string, unknown>> => typeof item === 'object' && item !== null)
}
