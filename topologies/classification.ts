import type { DataClass, LogFields, LogLevel } from '../schemas/log-record.ts'
import { unreadMask } from '../src/pipelines/index.ts'

const levelPriority: Readonly<Record<LogLevel, number>> = Object.freeze({
  debug: 0,
  info: 10,
  warn: 40,
  error: 70,
  critical: 90,
})

const restricting = new Set(['card', 'iban', 'ssn', 'secret', 'token', unreadMask])

/** What redaction found decides the class; audit records are confidential at least. */
export function classify(topic: string, record: LogFields, redacted: readonly string[]): DataClass {
  if (redacted.length > 0) return redacted.some((rule) => restricting.has(rule)) ? 'restricted' : 'confidential'
  const isPersonal = record.userId != null || record.sessionId != null
  return isPersonal || topic.includes('audit') ? 'confidential' : 'internal'
}

/** 0 (noise) to 100 (look now): the level, lifted by a stack trace, a 5xx status, slowness and production. */
export function priorityOf(level: LogLevel, record: LogFields): number {
  let priority = levelPriority[level]
  if (record.error?.stack) priority += 5
  if ((record.statusCode ?? 0) >= 500) priority += 5
  if ((record.durationMs ?? 0) >= 5000) priority += 5
  if (record.environment === 'production') priority += 2
  return Math.min(100, priority)
}

/** Short words to search by. */
export function tagsOf(level: LogLevel, record: LogFields, redacted: readonly string[]): readonly string[] {
  const tags: string[] = []
  if (level === 'error' || level === 'critical') tags.push('error')
  if ((record.durationMs ?? 0) >= 1000) tags.push('slow')
  const status = record.statusCode ?? 0
  if (status >= 400) tags.push(status >= 500 ? 'server-error' : 'client-error')
  if (redacted.length > 0) tags.push('redacted')
  if (redacted.includes(unreadMask)) tags.push('_redacted_unread')
  return tags
}
