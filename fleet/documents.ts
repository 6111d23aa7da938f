import type { EnrichedLog } from '../schemas/log-record.ts'
import type { SinkRecord } from '../src/sinks/index.ts'

/** How a log is told to Splunk. */
export const splunkEnvelope = {
  sourcetype: 'fastmcp:json',
  source: 'fastmcp-server',
  host: (record: SinkRecord) => logOf(record).host ?? logOf(record).hostname ?? undefined,
}

let lastLog: unknown
let lastLine = ''

/** The log as JSON; one that goes to several sinks one after the other is written once. */
export function logLine(record: SinkRecord): string {
  if (record.value !== lastLog) {
    lastLine = JSON.stringify(record.value)
    lastLog = record.value
  }
  return lastLine
}

/** The log in the envelope of Splunk's collector. */
export function hecLine(record: SinkRecord): string {
  const host = splunkEnvelope.host(record)
  const time = `{"time":${logOf(record).timestamp / 1000},${hecConstants}`
  const named = host === undefined ? time : `${time},"host":${JSON.stringify(host)}`
  return `${named},"event":${logLine(record)}}`
}

const hecConstants = JSON.stringify({
  index: 'fastmcp_logs',
  sourcetype: splunkEnvelope.sourcetype,
  source: splunkEnvelope.source,
}).slice(1, -1)

/** `<prefix>-YYYY.MM.DD` by the event's own day in UTC. */
export function dailyIndex(prefix: string, record: SinkRecord): string {
  return `${prefix}-${dayOf(logOf(record).timestamp)}`
}

export function dailyFile(prefix: string, record: SinkRecord): string {
  return `${dailyIndex(prefix, record)}.ndjson`
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
