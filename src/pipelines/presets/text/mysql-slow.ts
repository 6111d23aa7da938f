import type { Fields } from '../../field-value.ts'
import { parseTime } from '../../time/parse-time.ts'
import { attributesOf } from '../attributes.ts'

const seconds = /^# Query_time: (\d{1,12}(?:\.\d{1,9})?)/m
const epoch = /^SET timestamp=(\d{9,10});/m
const written = /^# Time: (.{10,40})$/m
const client = /^# User@Host: ([^\n@]{0,200}) @ ([^[\n]{0,200})\[([^\]\n]{0,100})\]/m

/** An entry of MySQL's log of slow queries: several lines, of which most begin with `#`. */
export function readMysqlSlow(fields: Fields, text: string, receivedMs: number): void {
  const head = text.slice(0, 8192)
  const time = epoch.exec(head)?.[1] ?? written.exec(head)?.[1]
  const timestamp = time === undefined ? undefined : parseTime(time, { receivedMs })
  if (timestamp !== undefined) fields.timestamp ??= timestamp
  const took = seconds.exec(head)?.[1]
  if (took !== undefined) fields.durationMs ??= Math.round(Number(took) * 1e6) / 1000
  const [, user, host, ip] = client.exec(head) ?? []
  if (user !== undefined) attributesOf(fields).user ??= user
  if (host !== undefined && host.trim() !== '') attributesOf(fields).client ??= host.trim()
  if (ip !== undefined && ip !== '') fields.ip ??= ip
}
