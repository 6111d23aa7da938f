import { Random } from './random.ts'

/** A point of a series; a value may be missing or wrong. */
export interface Point {
  readonly timeMs: number
  readonly value: number
}

/** What was put into a series. */
export interface Incident {
  readonly kind: IncidentKind
  readonly first: number
  readonly last: number
}

/** A series whose incidents are known, because they were put there. */
export interface LabelledSeries {
  readonly name: string
  readonly intervalMs: number
  readonly points: readonly Point[]
  readonly incidents: readonly Incident[]
}

type IncidentKind = 'spike' | 'outage' | 'shift' | 'noise' | 'flat' | 'wrong-hour'

const intervalMs = 300_000
const pointsOfDay = 288
const days = 43
/** Incidents begin on the ninth day, and each leaves a week to the next. */
const firstDay = 8
const daysOfIncident = 7
/** A Monday. */
const startMs = Date.UTC(2026, 0, 5)

/** What a family of series shows on a usual day, and how large its incidents are. */
interface Family {
  readonly name: string
  readonly kinds: readonly IncidentKind[]
  /** Value at a point. `hour` with fraction; `noise`: 1, more within an incident. */
  readonly make: (
    random: Random,
  ) => (point: { readonly hour: number; readonly isWeekend: boolean; readonly noise: number }) => number
  /** Whether values are counts. */
  readonly isCount: boolean
}

function daily(hour: number): number {
  return 1 + Math.sin(((hour - 8) / 24) * 2 * Math.PI)
}

const families: readonly Family[] = [
  {
    name: 'requests',
    kinds: ['spike', 'outage', 'shift', 'wrong-hour'],
    isCount: true,
    make(random) {
      const size = random.between(100, 2000)
      return ({ hour, isWeekend, noise }) => {
        const mean = size * (0.3 + daily(hour)) * (isWeekend ? 0.5 : 1)
        return Math.max(0, random.poisson(mean) + 0.05 * mean * noise * random.normal())
      }
    },
  },
  {
    name: 'latency',
    kinds: ['spike', 'shift', 'noise', 'flat'],
    isCount: false,
    make(random) {
      const usual = random.between(20, 400)
      return ({ hour, noise }) => usual * (1 + 0.1 * daily(hour)) * Math.exp(0.1 * noise * random.normal())
    },
  },
  {
    name: 'processor',
    kinds: ['spike', 'shift', 'noise', 'flat'],
    isCount: false,
    make(random) {
      const usual = random.between(10, 50)
      let wander = 0
      return ({ noise }) => {
        wander = 0.9 * wander + random.normal()
        return Math.max(0, Math.min(100, usual + 1.5 * noise * wander))
      }
    },
  },
  {
    name: 'batch',
    kinds: ['outage', 'wrong-hour', 'spike', 'shift'],
    isCount: true,
    make(random) {
      const [size, begin] = [random.between(50, 500), random.whole(0, 12)]
      return ({ hour, noise }) =>
        random.poisson(hour >= begin && hour < begin + 6 ? size : 2) * (1 + 0.02 * noise * random.normal())
    },
  },
  {
    name: 'rare-errors',
    kinds: ['spike', 'shift'],
    isCount: true,
    make(random) {
      const mean = random.between(0.02, 0.3)
      return () => random.poisson(mean)
    },
  },
  {
    name: 'bursts',
    kinds: ['spike', 'shift'],
    isCount: true,
    make(random) {
      const size = random.between(10, 60)
      return ({ hour }) => {
        const burst = random.next() < 0.02 ? 1 / random.between(0.1, 1) : 1
        return random.poisson(size * (0.5 + 0.5 * daily(hour)) * burst)
      }
    },
  },
  {
    name: 'constant',
    kinds: ['spike', 'shift'],
    isCount: false,
    make: (random) => () => Math.round(random.between(42, 42)),
  },
]

/** Series of all families, so many of each; other seeds make others. */
export function syntheticCorpus(firstSeed: number, count: number): readonly LabelledSeries[] {
  return families.flatMap((family, index) =>
    Array.from({ length: count }, (_, number) => seriesOf(family, firstSeed + number, index)),
  )
}

function seriesOf(family: Family, seed: number, index: number): LabelledSeries {
  const random = new Random(seed * 97 + index)
  const incidents = incidentsOf(family, random)
  const make = family.make(random)
  const usual: number[] = []
  for (let row = 0; row < days * pointsOfDay; row++) {
    const incident = incidents.find(({ first, last }) => row >= first && row <= last)
    const shifted = incident?.kind === 'wrong-hour' ? row + pointsOfDay / 2 : row
    const day = Math.floor(shifted / pointsOfDay) % 7
    const hour = (shifted % pointsOfDay) / 12
    usual.push(make({ hour, isWeekend: day >= 5, noise: incident?.kind === 'noise' ? 4 : 1 }))
  }
  const spread = spreadOf(usual)
  const sizes = incidents.map(() => random.between(0.6, 1.5))
  const points = usual.map((value, row) => {
    const place = incidents.findIndex(({ first, last }) => row >= first && row <= last)
    const incident = incidents[place]
    const changed =
      incident === undefined ? value : changedBy(incident, value, usual, spread * (sizes[place] as number))
    return { timeMs: startMs + row * intervalMs, value: family.isCount ? Math.round(changed) : changed }
  })
  return { name: `${family.name}-${seed}`, intervalMs, points, incidents }
}

function incidentsOf(family: Family, random: Random): readonly Incident[] {
  const count = Math.floor((days - firstDay) / daysOfIncident)
  return Array.from({ length: count }, (_, index) => {
    const kind = family.kinds[random.whole(0, family.kinds.length - 1)] as IncidentKind
    const first = (firstDay + index * daysOfIncident) * pointsOfDay + random.whole(0, pointsOfDay)
    return { kind, first, last: first + lengthOf(kind, random) - 1 }
  })
}

function lengthOf(kind: IncidentKind, random: Random): number {
  switch (kind) {
    case 'spike':
      return random.whole(1, 4)
    case 'outage':
      return random.whole(6, 36)
    case 'noise':
    case 'shift':
      return random.whole(48, 144)
    case 'flat':
    case 'wrong-hour':
      return random.whole(72, 144)
  }
}

function changedBy({ kind, first }: Incident, value: number, usual: readonly number[], size: number): number {
  switch (kind) {
    case 'spike':
      return value + 2 * size
    case 'outage':
      return 0.02 * value
    case 'shift':
      return value + size
    case 'flat':
      return usual[first - 1] ?? value
    case 'noise':
    case 'wrong-hour':
      return value
  }
}

/** From 1 % to 99 % of the values, at least a tenth of the largest. */
function spreadOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number
  return Math.max(at(0.99) - at(0.01), 0.1 * Math.abs(at(1)))
}
