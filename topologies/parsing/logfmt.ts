import type { LogRecord } from '../../schemas/log-record.ts'
import { parseLevel } from './level.ts'
import { parseTimestamp } from './timestamp.ts'
import type { ParsedLine } from './parsed-line.ts'

const pair = /([A-Za-z_][\w.-]*)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g

/** `key=value key="quoted value"` lines; undefined unless a time, a level or a message is among the pairs. */
export function parseLogfmt(line: string, receivedMs: number): ParsedLine | undefined {
  if (!/^[A-Za-z_][\w.-]*=/.test(line)) return undefined
  const pairs: Record<string, string> = {}
  for (const [, key, quoted, plain] of line.matchAll(pair)) {
    if (key !== undefined) pairs[key] = quoted === undefined ? (plain ?? '') : quoted.replace(/\\(.)/g, '$1')
  }
  const time = pairs.ts ?? pairs.time ?? pairs.timestamp
  const timestamp = time === undefined ? undefined : parseTimestamp(time, receivedMs)
  const level = parseLevel(pairs.level ?? pairs.lvl ?? pairs.severity)
  const message = pairs.msg ?? pairs.message
  if (timestamp === undefined && level === undefined && message === undefined) return undefined
  const record: LogRecord = {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(level === undefined ? {} : { level }),
    message: message ?? line,
    attributes: pairs,
  }
  return { format: 'logfmt', record }
}
