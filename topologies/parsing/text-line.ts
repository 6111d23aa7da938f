import type { LogLevel, LogRecord } from '../../schemas/log-record.ts'
import { formats, looseFormats } from './formats.ts'
import type { Grok, GrokMatch } from './grok.ts'
import { parseLogfmt } from './logfmt.ts'
import { findLevel, levelOfPriority, parseLevel } from './level.ts'
import type { ParsedLine } from './parsed-line.ts'
import { parseTimestamp } from './timestamp.ts'

/**
 * Reads lines of plain text. Lines of one source look alike, so the format that fitted last is tried first: one parser a
 * partition. The hint is the only state.
 */
export interface LineParser {
  parse(line: string, receivedMs: number): ParsedLine
}

/** Longer lines are matched by their head only, so that no line can hold up the worker. */
const matchedCharactersMax = 8192

export function createLineParser(table: readonly Grok[] = formats): LineParser {
  let hint = 0
  return {
    parse(text, receivedMs) {
      const line = text.replace(/[\r\n]+$/, '')
      const head = line.length > matchedCharactersMax ? line.slice(0, matchedCharactersMax) : line
      const remembered = read(table[hint], line, head, receivedMs)
      if (remembered !== undefined) return remembered
      for (const [index, format] of table.entries()) {
        const parsed = read(format, line, head, receivedMs)
        if (parsed === undefined) continue
        hint = index
        return parsed
      }
      for (const format of looseFormats) {
        const parsed = read(format, line, head, receivedMs)
        if (parsed !== undefined) return parsed
      }
      return parseLogfmt(line, receivedMs) ?? { format: 'unknown', record: unknownLine(line) }
    },
  }
}

function read(format: Grok | undefined, line: string, head: string, receivedMs: number): ParsedLine | undefined {
  const match = format?.match(head)
  if (format === undefined || match === undefined) return undefined
  const record = toRecord(match, line, head, receivedMs)
  return record === undefined ? undefined : { format: format.name, record }
}

/** undefined where the fields do not hold what the format promises (a word in place of a level, say). */
function toRecord(match: GrokMatch, line: string, head: string, receivedMs: number): LogRecord | undefined {
  const timestamp = match.time === undefined ? undefined : parseTimestamp(match.time, receivedMs)
  if (match.time !== undefined && timestamp === undefined) return undefined
  const level = levelOf(match)
  if (match.level !== undefined && level === undefined) return undefined
  const message = match.message === undefined ? line : match.message + line.slice(head.length)
  return {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(level === undefined ? optionalLevel(match, message) : { level }),
    ...(match.component === undefined ? {} : { component: match.component }),
    ...(match.host === undefined ? {} : { host: match.host }),
    ...(match.ip === undefined ? {} : { ip: match.ip }),
    ...(match.status === undefined ? {} : { statusCode: Number(match.status) }),
    ...attributesOf(match),
    message: match.method === undefined ? message : `${match.method} ${match.path} ${match.status}`,
  }
}

/** Fields that have a place of their own in a record; every other one is kept as an attribute: nothing that a line says is lost. */
const placed = new Set(['time', 'level', 'priority', 'component', 'host', 'ip', 'status', 'message'])

function attributesOf(match: GrokMatch): { readonly attributes?: Readonly<Record<string, string>> } {
  const others = Object.entries(match).filter(([field]) => !placed.has(field))
  return others.length === 0 ? {} : { attributes: Object.fromEntries(others) }
}

function levelOf(match: GrokMatch): LogLevel | undefined {
  if (match.level !== undefined) return parseLevel(match.level)
  if (match.priority !== undefined) return levelOfPriority(Number(match.priority))
  if (match.status === undefined) return undefined
  const status = Number(match.status)
  if (status >= 500) return 'error'
  return status >= 400 ? 'warn' : 'info'
}

/** Syslog lines without priority may still name a level at the head of their message. */
function optionalLevel(match: GrokMatch, message: string): { readonly level?: LogLevel } {
  const level = match.time === undefined ? undefined : findLevel(message)
  return level === undefined ? {} : { level }
}

function unknownLine(line: string): LogRecord {
  const level = findLevel(line)
  return { ...(level === undefined ? {} : { level }), message: line }
}
