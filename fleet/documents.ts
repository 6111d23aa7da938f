import { hash } from 'node:crypto'
import type { Alert } from '../schemas/alert.ts'
import type { EnrichedLog } from '../topologies/enriched-log.ts'
import { epochSecondsText, jsonText } from '../topologies/parsing/json-text.ts'
import { type DocumentShape, shapedText } from '../src/pipelines/index.ts'
import { isWithin } from '../topologies/event-time.ts'
import { type Backfill, backfillPrefix } from './backfill.ts'
import { documentId, type SinkRecord } from '../src/sinks/index.ts'

/** How a log is sent to Splunk. */
export const splunkEnvelope = {
  sourcetype: 'fastmcp:json',
  source: 'fastmcp-server',
  host: (record: SinkRecord) => logOf(record).host,
}

/** The log as JSON. */
export function logLine(record: SinkRecord): string {
  return logOf(record).toText()
}

/** The log as JSON, in the names of a shape. Sinks take a log one after another: the last one is written once for all. */
export function logDocument(shape: DocumentShape): (record: SinkRecord) => string {
  if (shape === 'fleet') return logLine
  let last: EnrichedLog | undefined
  let document = ''
  return (record) => {
    const log = logOf(record)
    if (log !== last) {
      document = shapedText(log.toText(), shape)
      last = log
    }
    return document
  }
}

/** Whether the log tells of an error. */
export function isErrorLog(record: SinkRecord): boolean {
  const { level } = logOf(record)
  return level === 'error' || level === 'critical'
}

/** Whether the log may have fields that nobody here knows. Most of the fleet's own logs have none. */
export function mayHaveOwnFields(record: SinkRecord): boolean {
  return !logOf(record).isFlat
}

/** Lines that were joined have the id of the first. */
export function logId(record: SinkRecord): string {
  return logOf(record).documentId ?? documentId(record)
}

/** The envelope of Splunk's collector around the log; `hecSuffix` ends it. */
export function hecPrefix(record: SinkRecord): string {
  const { host, timestamp } = logOf(record)
  const named = host === undefined ? '' : `"host":${jsonText(host)},`
  return `{"time":${epochSecondsText(timestamp)},${hecConstants},${named}"event":`
}

export const hecSuffix = '}'

const hecConstants = JSON.stringify({
  index: 'fastmcp_logs',
  sourcetype: splunkEnvelope.sourcetype,
  source: splunkEnvelope.source,
}).slice(1, -1)

/**
 * The index of a log: its day's, also by its route where that is one of these, or `<prefix>-backfill-YYYY.MM` or `-YYYY`
 * where it is one of the old logs that are loaded.
 */
export function logIndex(
  prefix: string,
  backfill: Backfill | undefined,
  routes: ReadonlySet<string> = new Set(),
): (record: SinkRecord) => string {
  const daily = routes.size === 0 ? dailyIndex : routedIndex(routes)
  if (backfill === undefined) return (record) => daily(prefix, record)
  const old = backfillPrefix(prefix)
  const length = backfill.index === 'year' ? 'YYYY'.length : 'YYYY.MM'.length
  return (record) => {
    const { timestamp } = logOf(record)
    return isWithin(timestamp, backfill) ? `${old}-${dayOf(timestamp).slice(0, length)}` : daily(prefix, record)
  }
}

/** `<prefix>-<route>-YYYY.MM.DD`: a name that only a log knows makes no index. */
function routedIndex(routes: ReadonlySet<string>): typeof dailyIndex {
  return (prefix, record) => {
    const { route } = logOf(record)
    return dailyIndex(route !== undefined && routes.has(route) ? `${prefix}-${route}` : prefix, record)
  }
}

/** `<prefix>-YYYY.MM.DD` by the event's own day in UTC. */
function dailyIndex(prefix: string, record: SinkRecord): string {
  return `${prefix}-${dayOf(logOf(record).timestamp)}`
}

/** `<prefix>-YYYY.MM.DD` by the day in UTC at which the alert began to fire: its document becomes that of its end. */
export function alertIndex(prefix: string, record: SinkRecord): string {
  return `${prefix}-${dayOf((record.value as Alert).startedAt)}`
}

/** The id of the alert's episode, the same until its end; a long one is hashed, because servers take 512 bytes. */
export function alertId(record: SinkRecord): string {
  const { id } = record.value as Alert
  return Buffer.byteLength(id) <= 512 ? id : hash('sha256', id)
}

function logOf(record: SinkRecord): EnrichedLog {
  return record.value as EnrichedLog
}

const dayMs = 86_400_000
let lastDay = Number.NaN
let lastDayText = ''

/** Logs come day by day: the text of the last one is kept. */
function dayOf(timestamp: number): string {
  const day = Math.floor(timestamp / dayMs)
  if (day !== lastDay) {
    lastDayText = new Date(timestamp).toISOString().slice(0, 10).replaceAll('-', '.')
    lastDay = day
  }
  return lastDayText
}
