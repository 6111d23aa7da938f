/** Names of offsets as logs write them. Where several zones share a name, the one that most logs mean. In minutes. */
const offsetMinutes: Readonly<Record<string, number>> = {
  Z: 0,
  UTC: 0,
  GMT: 0,
  UT: 0,
  UCT: 0,
  WET: 0,
  WEST: 60,
  BST: 60,
  CET: 60,
  MEZ: 60,
  CEST: 120,
  MESZ: 120,
  WAT: 60,
  CAT: 120,
  SAST: 120,
  EET: 120,
  EEST: 180,
  IDT: 180,
  MSK: 180,
  EAT: 180,
  TRT: 180,
  GST: 240,
  PKT: 300,
  IST: 330,
  NPT: 345,
  WIB: 420,
  ICT: 420,
  HKT: 480,
  SGT: 480,
  PHT: 480,
  AWST: 480,
  JST: 540,
  KST: 540,
  ACST: 570,
  ACDT: 630,
  AEST: 600,
  AEDT: 660,
  NZST: 720,
  NZDT: 780,
  ART: -180,
  BRT: -180,
  CLT: -240,
  CLST: -180,
  NST: -210,
  NDT: -150,
  AST: -240,
  ADT: -180,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
  AKST: -540,
  AKDT: -480,
  HST: -600,
}

const minuteMs = 60_000
const namedMs: ReadonlyMap<string, number> = new Map(
  Object.entries(offsetMinutes).map(([name, minutes]) => [name, minutes * minuteMs]),
)

/** What a named zone is ahead of UTC, in milliseconds; undefined for a name that no zone has. */
export function namedOffsetMs(name: string): number | undefined {
  return namedMs.get(name) ?? namedMs.get(name.toUpperCase())
}

const writtenOffset = /^([+-])(\d{1,2}):?(\d{2})?$/

/** A zone with its rules, such as `Europe/Berlin`, a named offset or a written one. */
export interface Zone {
  /** Epoch milliseconds of what a clock in the zone shows, given as if it were UTC. */
  toEpochMs(clockMs: number, receivedMs: number): number
}

const zones = new Map<string, Zone | undefined>()
/** Names come from logs as well: no more than there are zones are kept. */
const zonesMax = 1000

/** Undefined where nobody knows the name. */
export function zoneOf(name: string): Zone | undefined {
  let zone = zones.get(name)
  if (zone === undefined && !zones.has(name)) {
    zone = createZone(name)
    if (zones.size < zonesMax) zones.set(name, zone)
  }
  return zone
}

function createZone(name: string): Zone | undefined {
  const offset = writtenOffset.exec(name)
  if (offset !== null) {
    const [, sign, hours, minutes = '0'] = offset
    return fixedZone((sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs)
  }
  // A short name is an offset, also where the database has a zone of that name: a log that writes CET means no summer time.
  const offsetMs = namedOffsetMs(name)
  if (offsetMs !== undefined) return fixedZone(offsetMs)
  try {
    return new RegionalZone(name)
  } catch {
    return undefined
  }
}

function fixedZone(offsetMs: number): Zone {
  return { toEpochMs: (clockMs) => clockMs - offsetMs }
}

const hourMs = 3_600_000
const hoursMax = 4096

/** A zone of the IANA database. Offsets are kept by the hour: logs come hour by hour. */
class RegionalZone implements Zone {
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, number>()

  /** Throws a RangeError for an unknown name. */
  constructor(name: string) {
    const numeric = 'numeric'
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    })
  }

  /** An hour that is shown twice is the last one that is not in the future; one that is skipped is read an hour later. */
  toEpochMs(clockMs: number, receivedMs: number): number {
    const before = this.#offsetMs(clockMs - 24 * hourMs)
    const after = this.#offsetMs(clockMs + 24 * hourMs)
    const early = clockMs - before
    if (before === after) return early
    const late = clockMs - after
    const isEarly = this.#offsetMs(early) === before
    const isLate = this.#offsetMs(late) === after
    if (isEarly && isLate) return Math.max(early, late) <= receivedMs ? Math.max(early, late) : Math.min(early, late)
    return isLate ? late : early
  }

  #offsetMs(epochMs: number): number {
    const hour = Math.floor(epochMs / (hourMs / 4))
    let offsetMs = this.#offsets.get(hour)
    if (offsetMs === undefined) {
      offsetMs = this.#shownMs(hour * (hourMs / 4)) - hour * (hourMs / 4)
      if (this.#offsets.size >= hoursMax) this.#offsets.clear()
      this.#offsets.set(hour, offsetMs)
    }
    return offsetMs
  }

  /** What a clock in the zone shows, as if it were UTC. */
  #shownMs(epochMs: number): number {
    const shown: Record<string, string> = {}
    for (const { type, value } of this.#format.formatToParts(epochMs)) shown[type] = value
    const year = shown.era?.startsWith('B') ? 1 - Number(shown.year) : Number(shown.year)
    const date = Date.UTC(2000, Number(shown.month) - 1, Number(shown.day), Number(shown.hour), Number(shown.minute))
    return new Date(date + Number(shown.second) * 1000).setUTCFullYear(year)
  }
}
