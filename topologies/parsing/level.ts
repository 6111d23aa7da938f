import type { LogLevel } from '../../schemas/log-record.ts'

const names: ReadonlyMap<string, LogLevel> = new Map(
  Object.entries({
    trace: 'debug',
    trac: 'debug',
    verbose: 'debug',
    verb: 'debug',
    debug: 'debug',
    debu: 'debug',
    fine: 'debug',
    finer: 'debug',
    finest: 'debug',
    v: 'debug',
    d: 'debug',
    info: 'info',
    information: 'info',
    informational: 'info',
    notice: 'info',
    note: 'info',
    config: 'info',
    audit: 'info',
    i: 'info',
    n: 'info',
    warn: 'warn',
    warning: 'warn',
    w: 'warn',
    err: 'error',
    erro: 'error',
    error: 'error',
    severe: 'error',
    failure: 'error',
    e: 'error',
    crit: 'critical',
    critical: 'critical',
    fatal: 'critical',
    fata: 'critical',
    alert: 'critical',
    emerg: 'critical',
    emergency: 'critical',
    panic: 'critical',
    f: 'critical',
    c: 'critical',
  } satisfies Record<string, LogLevel>),
)

/** A level by any of its usual names, or by a pino/bunyan number; undefined when it is none. */
export function parseLevel(level: unknown): LogLevel | undefined {
  if (typeof level === 'string') return names.get(level) ?? names.get(level.toLowerCase())
  if (typeof level !== 'number' || !(level >= 10 && level <= 60)) return undefined
  if (level >= 60) return 'critical'
  if (level >= 50) return 'error'
  if (level >= 40) return 'warn'
  return level >= 30 ? 'info' : 'debug'
}

/** Syslog severity (RFC 5424): the low three bits of the priority. */
export function levelOfPriority(priority: number): LogLevel {
  const severity = priority & 7
  if (severity <= 2) return 'critical'
  if (severity === 3) return 'error'
  if (severity === 4) return 'warn'
  return severity === 7 ? 'debug' : 'info'
}

const upperWord =
  /\b(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|SEVERE|CRIT(?:ICAL)?|FATAL|ALERT|EMERG(?:ENCY)?|PANIC)\b/

/** A level written in capitals near the start of a line of unknown form. */
export function findLevel(line: string): LogLevel | undefined {
  const found = upperWord.exec(line.length > 160 ? line.slice(0, 160) : line)
  return found === null ? undefined : parseLevel(found[1])
}
