import type { TakenNotice } from './receiver.ts'

/** An alert that was made to fire, and later to recover. */
export interface PlannedEpisode {
  readonly service: string
  /** When what makes it fire was appended. */
  readonly firedMs: number
  /** Nothing was broken at that time, nor shortly before. */
  readonly isCalm: boolean
}

/** What came of a run. */
export interface Account {
  readonly episodes: number
  readonly notices: number
  /** Notices that came again with the same id. */
  readonly extra: number
  /** Those of them that came more than once again. */
  readonly extraAgain: readonly string[]
  /** `fire` or `resolve` that never came. */
  readonly missing: readonly string[]
  /** Notices of which no episode knows, or whose episode was not opened by a `fire`. */
  readonly invented: readonly string[]
  /** Milliseconds from the append to the receiver, while nothing was broken. */
  readonly calm: Latencies
  /** The same for all episodes. */
  readonly all: Latencies
}

interface Latencies {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Compares what was planned with what the receiver has taken. */
export function accountOf(planned: readonly PlannedEpisode[], taken: readonly TakenNotice[]): Account {
  const first = firstOf(taken)
  const opened = new Set(first.filter(({ notice }) => notice.kind === 'fire').map(({ notice }) => notice.dedupKey))
  const times = timesOf(taken)
  const missing: string[] = []
  const invented = first.filter(({ notice }) => !opened.has(notice.dedupKey)).map(({ notice }) => notice.id)
  const latencies: { readonly ms: number; readonly isCalm: boolean }[] = []
  for (const service of new Set([...planned.map((one) => one.service), ...first.map(serviceOf)])) {
    const episodes = planned.filter((one) => one.service === service)
    for (const kind of ['fire', 'resolve'] as const) {
      const notices = first.filter((one) => serviceOf(one) === service && one.notice.kind === kind)
      episodes.slice(notices.length).forEach(({ firedMs }) => missing.push(`${kind} ${service}@${firedMs}`))
      notices.slice(episodes.length).forEach(({ notice }) => invented.push(notice.id))
      if (kind === 'resolve') continue
      notices.slice(0, episodes.length).forEach(({ atMs }, index) => {
        const { firedMs = 0, isCalm = false } = episodes[index] ?? {}
        latencies.push({ ms: atMs - firedMs, isCalm })
      })
    }
  }
  return {
    episodes: planned.length,
    notices: first.length,
    extra: taken.length - first.length,
    extraAgain: [...times].filter(([, count]) => count > 2).map(([id]) => id),
    missing,
    invented,
    calm: latenciesOf(latencies.filter(({ isCalm }) => isCalm).map(({ ms }) => ms)),
    all: latenciesOf(latencies.map(({ ms }) => ms)),
  }
}

function firstOf(taken: readonly TakenNotice[]): readonly TakenNotice[] {
  const seen = new Set<string>()
  return taken.filter(({ notice: { id } }) => !seen.has(id) && seen.add(id))
}

function timesOf(taken: readonly TakenNotice[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const { notice } of taken) times.set(notice.id, (times.get(notice.id) ?? 0) + 1)
  return times
}

function serviceOf({ notice }: TakenNotice): string {
  return notice.alerts[0]?.group.service ?? ''
}

function latenciesOf(all: readonly number[]): Latencies {
  const sorted = all.toSorted((left, right) => left - right)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
