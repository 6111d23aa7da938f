import { type FieldValue, newFields } from '../../field-value.ts'
import { levelOf } from '../../levels/level.ts'
import type { LogEvent } from '../../log-event.ts'
import { parseTime } from '../../time/parse-time.ts'
import { attributesOf } from '../attributes.ts'
import { durationMs } from './duration.ts'
import { readKeyValues } from '../../patterns/key-values.ts'

const shape = /^[A-Za-z_@][\w.@/-]{0,63}=/

const times = ['ts', 'time', 'timestamp', 't', '@timestamp']
const levels = ['level', 'lvl', 'severity', 'loglevel', 'log.level', 'at']
const messages = ['msg', 'message']
const services = ['service', 'app', 'service.name']
const components = ['component', 'logger', 'caller']
const hosts = ['host', 'hostname']
const addresses = [
  'ip',
  'remote_addr',
  'client_ip',
  'remote_ip',
  'fwd',
  'addr',
  'remote',
  'src_ip',
  'clientip',
  'srcip',
  'src',
  'remoteAddr',
  'remoteIp',
  'clientIp',
]
const statuses = ['status', 'status_code', 'statusCode', 'httpStatus', 'http_status', 'code']
const durations = ['duration', 'service_time', 'elapsed', 'took', 'latency', 'response_time', 'service']

/**
 * Reads a line of `key=value` pairs: all are kept as attributes, and the usual names set the fields of the event. False
 * where the line is none, or where neither time, level nor message is among its pairs.
 */
export function readLogfmt(event: LogEvent, line: string, zone: string | undefined): boolean {
  if (!shape.test(line)) return false
  const pairs = newFields()
  if (readKeyValues(line, pairs) < 2) return false
  const value = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const found = firstOf(pairs[name])
      if (found !== undefined && found !== '') return found
    }
    return undefined
  }
  const { receivedMs, fields } = event
  const date = firstOf(pairs.date)
  const clock = value(times)
  const written = date === undefined || clock === undefined ? clock : `${date} ${clock}`
  const time =
    written === undefined ? undefined : parseTime(written, zone === undefined ? { receivedMs } : { receivedMs, zone })
  const word = value(levels)
  const level = word === undefined ? undefined : levelOf(word)
  const message = value(messages)
  if (time === undefined && level === undefined && message === undefined) return false
  if (time !== undefined) fields.timestamp ??= time
  if (level !== undefined) fields.level ??= level
  fields.message ??= message ?? line
  const service = value(services)
  if (service !== undefined && durationMs(service) === undefined) fields.service ??= service
  setText(event, 'component', value(components))
  setText(event, 'host', value(hosts))
  setText(event, 'ip', addressOf(value(addresses)))
  const status = Number(value(statuses))
  if (status >= 100 && status <= 999) fields.statusCode ??= status
  const took = durations.map((name) => durationOf(pairs[name])).find((ms) => ms !== undefined)
  if (took !== undefined) fields.durationMs ??= took
  const attributes = attributesOf(fields)
  for (const [name, text] of Object.entries(pairs)) attributes[name] ??= text
  return true
}

function setText({ fields }: LogEvent, name: string, text: string | undefined): void {
  if (text !== undefined) fields[name] ??= text
}

function durationOf(value: FieldValue | undefined): number | undefined {
  const text = firstOf(value)
  return text === undefined ? undefined : durationMs(text)
}

/** A name may stand several times. */
function firstOf(value: FieldValue | undefined): string | undefined {
  const first = Array.isArray(value) ? (value[0] as FieldValue | undefined) : value
  return typeof first === 'string' ? first : undefined
}

/** Without a port, and the first of several. */
function addressOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  return /^\[?([0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]*?)\]?(?::\d+)?(?:,.*)?$/.exec(text.slice(0, 100))?.[1]
}
