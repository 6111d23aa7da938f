import { type Alert, alert } from '../schemas/alert.ts'
import { hoppingWindows, type KStream, string } from '../src/index.ts'
import type { EnrichedLog } from './enriched-log.ts'

export interface SecurityOptions {
  readonly sizeMs: number
  readonly advanceMs: number
  readonly graceMs: number
  /** Failed logins from one source in one window that make an attempt at brute force. */
  readonly failuresMin: number
}

export const failure = /failed password|authentication fail|invalid user|login failed|failed login|logon failure/i
const source = /(?:from|rhost=)\s*(\d{1,3}(?:\.\d{1,3}){3}|[\w-]+(?:\.[\w-]+)+)/

/** Many failed logins from one source: a brute-force attempt. */
export function security(
  logs: KStream<string, EnrichedLog, boolean, boolean>,
  options: SecurityOptions,
): KStream<string, Alert, boolean, boolean> {
  const { sizeMs, advanceMs, graceMs, failuresMin } = options
  return logs
    .filter((_, log) => failure.test(log.message), { name: 'login-failures' })
    .mapValues((log) => sourceOf(log), { name: 'login-sources' })
    .groupBy((_, address) => address, { name: 'by-source', key: string(), value: string() })
    .windowedBy(hoppingWindows({ sizeMs, advanceMs, graceMs }))
    .count({ name: 'login-failure-count', store: 'login-failures' })
    .toStream({ name: 'login-failure-counts' })
    .filter((_, count) => count >= failuresMin, { name: 'brute-force' })
    .map(
      ({ key, window }, count) => {
        const summary = `${count} failed logins from ${key} within ${sizeMs / 60_000} minutes`
        return [key, alert('brute-force', key, 'critical', window.startMs, summary, { failures: count })]
      },
      { name: 'brute-force-alerts' },
    )
}

/** Where the attempt came from: the address in the text, the record's own, or the host that told of it. */
export function sourceOf(log: EnrichedLog): string {
  return source.exec(log.message)?.[1] ?? log.ip ?? log.host ?? 'unknown'
}
