import { epochOf } from './epoch.ts'
import { isoMs } from './iso-time.ts'
import type { TimeContext } from './time-context.ts'
import { TimeScanner } from './time-scanner.ts'

const scanner = new TimeScanner()
/** No time is longer: JavaScript's own with the name of its zone is about 70. */
const longest = 100

/**
 * Epoch milliseconds of a written time, whoever wrote it: ISO 8601, syslog, HTTP, the defaults of languages and loggers,
 * seconds to nanoseconds since 1970. Undefined where no time may be read from the text: words, impossible dates, a clock
 * without a date, dates of which several readings are equally likely. Takes time linear in the text, never throws.
 */
export function parseTime(text: string, context: TimeContext): number | undefined {
  const usualMs = isoMs(text, 0, text.length, context)
  if (!Number.isNaN(usualMs)) return usualMs
  if (text.length > longest) return undefined
  const bare = text.trim()
  const epochMs = scanner.read(bare, context)
  if (!Number.isNaN(epochMs)) return epochMs
  return compactMs(bare, context) ?? epochOf(bare) ?? wrappedMs(bare)
}

const compact = /^((?:19|20)\d{6})(\d{6})(\d{3})?$/

/** `20261124075959`, with milliseconds or without. */
function compactMs(text: string, context: TimeContext): number | undefined {
  const parts = compact.exec(text)
  if (parts === null) return undefined
  const epochMs = scanner.read(`${parts[1]}T${parts[2]}.${parts[3] ?? '0'}`, context)
  return Number.isNaN(epochMs) ? undefined : epochMs
}

const dotNet = /^\\?\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?\/$/
const tai64n = /^@?4000000([0-9a-f]{9})([0-9a-f]{8})$/
const taiAheadSeconds = 10

/** `/Date(1795507199000)/` of .NET; `@4000000050a…` of daemontools. */
function wrappedMs(text: string): number | undefined {
  const milliseconds = dotNet.exec(text)
  if (milliseconds !== null) return Number(milliseconds[1])
  const tai = tai64n.exec(text)
  if (tai === null) return undefined
  const [, seconds, nanoseconds] = tai as unknown as readonly [string, string, string]
  return (Number.parseInt(seconds, 16) - taiAheadSeconds) * 1000 + Math.floor(Number.parseInt(nanoseconds, 16) / 1e6)
}
