import { errorMessage } from '../../core/errors.ts'
import type { ElasticsearchConfig } from './elasticsearch-options.ts'

/** The HTTP status of what the client threw; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

/** The server's own words, which the client leaves out of its messages. */
export function serverMessage(error: unknown): string {
  const refusal = (error as { body?: { error?: { type?: unknown; reason?: unknown } } } | null)?.body?.error
  return typeof refusal?.reason === 'string' ? `${String(refusal.type)}: ${refusal.reason}` : errorMessage(error)
}

export function describeNodes(config: ElasticsearchConfig): string {
  return config.nodes.map((node) => node.origin).join(', ')
}

/** Headers of the answer that the client threw. */
export function headersOf(error: unknown): Readonly<Record<string, unknown>> {
  return (error as { headers?: Record<string, unknown> } | null | undefined)?.headers ?? {}
}
