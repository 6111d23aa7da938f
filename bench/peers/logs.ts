/** A log of the jobs, in the order in which its members stand. */
export interface Log {
  readonly timestamp: string
  readonly level: string
  readonly service: string
  readonly component: string
  readonly message: string
  readonly correlationId: string
  readonly sessionId: string
  readonly userId: string
  readonly host: string
  readonly status: number
  readonly durationMs: number
  readonly version: string
}

export const partitions = 6
const services = 200
const hosts = 40
/** Of event time, over all logs. */
const spanMs = 30 * 60_000
const lateMs = 2000
const startMs = Date.UTC(2026, 10, 24, 10)

/** One in five is WARN or above, as the jobs say. */
const levels = ['INFO', 'INFO', 'WARN', 'DEBUG', 'INFO', 'DEBUG', 'INFO', 'ERROR', 'INFO', 'DEBUG'] as const
const components = ['http', 'kafka', 'cache', 'database', 'scheduler'] as const
const messages = [
  'request completed: GET /api/v1/orders answered by the primary replica',
  'retrying the call "inventory.reserve" after a timeout of 250 ms',
  'connection returned to the pool, 17 of 32 are in use at the moment',
  'cache miss for the product page, loading it from the database now',
] as const

const hex = (number: number) => (number >>> 0).toString(16).padStart(8, '0')

/** A log as it is sent: a log that comes again has a later time there than it says itself. */
export interface SentLog {
  readonly key: string
  readonly timestamp: number
  readonly log: Log
}

/** One log in so many comes again soon: at most a hundredth of all later. */
const soonAgain = 25
const recentMax = 1000
/** One log in so many comes again when half of all have come, which is 15 minutes later. */
const lateAgain = 1000

/**
 * The same logs in every run. Their times are up to two seconds out of order, and some come twice. A log that comes again
 * has its id, and is sent within a minute or at least 14 minutes later.
 */
export function* generateLogs(count: number): Generator<SentLog> {
  let state = 42
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
  const recent: SentLog[] = []
  let fresh = 0
  const recentLength = Math.min(recentMax, Math.max(1, Math.floor(count / 100)))
  const due: { readonly index: number; readonly sent: SentLog }[] = []
  for (let index = 0; index < count; index++) {
    const timestamp = startMs + Math.floor((spanMs * index) / count) - next(lateMs)
    const isLateDue = (due[0]?.index ?? count) <= index
    const again = isLateDue ? due.shift()?.sent : next(soonAgain) === 0 ? recent[next(recentLength)] : undefined
    if (again !== undefined) {
      yield { ...again, timestamp }
      continue
    }
    const service = `service-${next(services)}`
    const log: Log = {
      timestamp: new Date(timestamp).toISOString(),
      level: levels[next(levels.length)] as string,
      service,
      component: components[next(components.length)] as string,
      message: messages[next(messages.length)] as string,
      correlationId: `${hex(Math.imul(index, 0x9e3779b1))}-${hex(next(0xffffff))}`,
      sessionId: `s-${hex(next(100_000))}`,
      userId: `user-${next(50_000)}`,
      host: `node-${next(hosts)}`,
      status: 200 + next(4) * 100,
      durationMs: next(2000),
      version: '2026.11.3',
    }
    const sent = { key: service, timestamp, log }
    recent[fresh++ % recentLength] = sent
    if (index % lateAgain === 0) due.push({ index: index + (count >> 1), sent })
    yield sent
  }
}

/** The same log in the shape of the fleet's own loggers. */
export function fleetLog({ timestamp, level, correlationId, status, ...log }: Log): object {
  return {
    timestamp: Date.parse(timestamp),
    level: level.toLowerCase(),
    // A letter in front, because some of 16 digits would pass for the number of a card.
    eventId: `e${correlationId.replace('-', '')}`,
    statusCode: status,
    ...log,
  }
}

/** Who answers for each service: rows of a table. */
export function serviceRows(): readonly TableRow[] {
  return Array.from({ length: services }, (_, index) => ({
    key: `service-${index}`,
    value: { owner: `team-${index % 12}`, tier: index % 3 === 0 ? 'gold' : 'silver' },
  }))
}

/** Where each host stands: rows of a table. */
export function hostRows(): readonly TableRow[] {
  return Array.from({ length: hosts }, (_, index) => ({
    key: `node-${index}`,
    value: { datacenter: `dc-${index % 4}` },
  }))
}

export interface TableRow {
  readonly key: string
  readonly value: object
}

/** Before all logs. */
export const tableTimeMs = startMs - 60_000
