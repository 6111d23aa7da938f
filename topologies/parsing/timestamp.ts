const months: Readonly<Record<string, number>> = Object.freeze({
  Jan: 0,
  Feb: 1,
  Mar: 2,
  Apr: 3,
  May: 4,
  Jun: 5,
  Jul: 6,
  Aug: 7,
  Sep: 8,
  Oct: 9,
  Nov: 10,
  Dec: 11,
})

const dayMs = 86_400_000

interface Shape {
  readonly expression: RegExp
  /** Parts of the match to epoch milliseconds; `referenceMs` decides a year that the text leaves out. */
  readonly read: (parts: RegExpExecArray, referenceMs: number) => number
}

const clock = '(\\d{2}):(\\d{2}):(\\d{2})(?:[.,](\\d{1,9}))?'

/** Every written form of a time that the fleet reads. Times without a zone are UTC. */
const shapes: readonly Shape[] = [
  {
    expression: new RegExp(`^(\\d{4})[-/.](\\d{2})[-/.](\\d{2})[T ]${clock} ?(Z|UTC|GMT|[+-]\\d{2}:?\\d{2})?$`),
    read: (p) => utc(number(p[1]), number(p[2]) - 1, number(p[3]), p, 4) - zoneMs(p[8]),
  },
  {
    expression: new RegExp(`^([A-Z][a-z]{2}) +(\\d{1,2}) (?:(\\d{4}) )?${clock}$`),
    read: (p, referenceMs) =>
      p[3] === undefined
        ? nearestYear(referenceMs, (year) => utc(year, month(p[1]), number(p[2]), p, 4))
        : utc(number(p[3]), month(p[1]), number(p[2]), p, 4),
  },
  {
    expression: new RegExp(`^[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\\d{1,2}) ${clock} (\\d{4})$`),
    read: (p) => utc(number(p[7]), month(p[1]), number(p[2]), p, 3),
  },
  {
    expression: new RegExp(`^(\\d{2})/([A-Z][a-z]{2})/(\\d{4}):${clock} ([+-]\\d{4}|Z)$`),
    read: (p) => utc(number(p[3]), month(p[2]), number(p[1]), p, 4) - zoneMs(p[8]),
  },
  {
    // HDFS: yymmdd hhmmss
    expression: /^(\d{2})(\d{2})(\d{2}) (\d{2})(\d{2})(\d{2})$/,
    read: (p) => utc(2000 + number(p[1]), number(p[2]) - 1, number(p[3]), p, 4),
  },
  {
    // Spark: yy/mm/dd
    expression: new RegExp(`^(\\d{2})/(\\d{2})/(\\d{2}) ${clock}$`),
    read: (p) => utc(2000 + number(p[1]), number(p[2]) - 1, number(p[3]), p, 4),
  },
  {
    // Android and klog (mm-dd, mmdd), Proxifier (mm.dd): no year
    expression: new RegExp(`^(\\d{2})[-.]?(\\d{2}) ${clock}$`),
    read: (p, referenceMs) => nearestYear(referenceMs, (year) => utc(year, number(p[1]) - 1, number(p[2]), p, 3)),
  },
  {
    // HealthApp: yyyymmdd-h:m:s:ms
    expression: /^(\d{4})(\d{2})(\d{2})-(\d{1,2}):(\d{1,2}):(\d{1,2}):(\d{1,3})$/,
    read: (p) =>
      Date.UTC(number(p[1]), number(p[2]) - 1, number(p[3]), number(p[4]), number(p[5]), number(p[6]), number(p[7])),
  },
  {
    // BGL: yyyy-mm-dd-hh.mm.ss.micros
    expression: /^(\d{4})-(\d{2})-(\d{2})-(\d{2})\.(\d{2})\.(\d{2})\.(\d{1,9})$/,
    read: (p) => utc(number(p[1]), number(p[2]) - 1, number(p[3]), p, 4),
  },
  { expression: /^\d{9,10}$/, read: (p) => number(p[0]) * 1000 },
  { expression: /^\d{9,10}\.\d{1,9}$/, read: (p) => Math.round(Number(p[0]) * 1000) },
  { expression: /^\d{12,13}$/, read: (p) => number(p[0]) },
  { expression: /^\d{15,16}$/, read: (p) => Math.floor(Number(p[0]) / 1000) },
  { expression: /^\d{18,19}$/, read: (p) => Number(BigInt(p[0]) / 1_000_000n) },
]

/**
 * Epoch milliseconds of a written time; undefined when it is none. A time without a year gets the year that puts it at
 * most one day after `referenceMs` (the time at which the line was received).
 */
export function parseTimestamp(text: string, referenceMs: number): number | undefined {
  for (const { expression, read } of shapes) {
    const parts = expression.exec(text)
    if (parts === null) continue
    const timeMs = read(parts, referenceMs)
    if (Number.isFinite(timeMs)) return timeMs
  }
  return undefined
}

function number(text: string | undefined): number {
  return Number(text)
}

function month(name: string | undefined): number {
  return months[name ?? ''] ?? Number.NaN
}

/** Hours, minutes, seconds and fraction begin at `from`. */
function utc(year: number, monthIndex: number, day: number, parts: RegExpExecArray, from: number): number {
  const [hour, minute, second] = [number(parts[from]), number(parts[from + 1]), number(parts[from + 2])]
  if (!(monthIndex >= 0 && monthIndex < 12 && day >= 1 && day <= 31 && hour < 25 && minute < 60 && second < 61)) {
    return Number.NaN
  }
  const fraction = parts[from + 3]
  const milliseconds =
    fraction === undefined || !/^\d+$/.test(fraction) ? 0 : Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6)
  return Date.UTC(year, monthIndex, day, hour, minute, second, milliseconds)
}

function zoneMs(zone: string | undefined): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '')
  if (parts === null) return 0
  const offsetMs = (number(parts[2]) * 60 + number(parts[3])) * 60_000
  return parts[1] === '-' ? -offsetMs : offsetMs
}

function nearestYear(referenceMs: number, at: (year: number) => number): number {
  const year = new Date(referenceMs).getUTCFullYear()
  for (const candidate of [year + 1, year, year - 1]) {
    const timeMs = at(candidate)
    if (timeMs <= referenceMs + dayMs) return timeMs
  }
  return at(year)
}
