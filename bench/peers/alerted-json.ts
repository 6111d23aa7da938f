import type { Log } from './logs.ts'

/** What job A makes of a log, with JSON.parse and JSON.stringify; undefined: nothing. */
export function alertedJson(value: Buffer): Buffer | undefined {
  const log = JSON.parse(value.toString()) as Log
  if (log.level !== 'WARN' && log.level !== 'ERROR' && log.level !== 'FATAL') return undefined
  return Buffer.from(JSON.stringify({ ...log, alert: 'yes' }))
}
