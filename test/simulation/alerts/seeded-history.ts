import { severities } from '../../../src/alerts/severity.ts'
import { seededRandom } from '../../../src/testing/simulator.ts'
import type { AlertHistory, Happening, HappeningKind } from './history.ts'

const minute = 60_000
const usual: readonly HappeningKind[] = ['fire', 'fire', 'fire', 'resolve', 'resolve', 'silence', 'acknowledge']
const faults: readonly HappeningKind[] = ['kill', 'kill', 'handover', 'outlive', 'again']
const services = ['a', 'b', 'c', 'd']

/** Four hours of the evening, drawn from a seed. */
export function seededHistory(seed: number, hasFaults: boolean): AlertHistory {
  const random = seededRandom(seed * 7919 + Number(hasFaults))
  const below = (count: number) => Math.floor(random() * count)
  const oneOf = <Item>(items: readonly Item[]) => items[below(items.length)] as Item
  const happenings: Happening[] = []
  // The beat of reminders is checked where no clock is set.
  const ownFaults = seed % 2 === 0 ? faults : [...faults, 'clock' as const]
  // Some histories are busy: alerts come and go.
  const pauseMs = oneOf([20_000, minute, 5 * minute])
  for (let atMs = 0; atMs < 240 * minute; atMs += 1000 + below(2 * pauseMs)) {
    const kind = oneOf(hasFaults && random() < 0.2 ? ownFaults : usual)
    const rule = random() < 0.15 ? 'down' : 'errors'
    happenings.push({ atMs, kind, rule, service: oneOf(services), severity: oneOf(severities), ...sizeOf(kind, below) })
  }
  return {
    about: `seed ${seed}${hasFaults ? ' with faults' : ''}`,
    // 2026-10-24 18:30 in UTC: the clocks of Berlin change in the night, its quiet hours begin at 20:00.
    startMs: Date.UTC(2026, 9, 24, 18, 30) + below(10) * 10 * minute,
    commitMs: hasFaults ? 1000 + below(20) * 1000 : 1000,
    happenings,
  }
}

function sizeOf(kind: HappeningKind, below: (count: number) => number): Pick<Happening, 'ms' | 'count'> {
  switch (kind) {
    case 'silence':
      return { ms: (1 + below(40)) * minute }
    case 'kill':
      return { ms: below(4) * 20_000, ...(below(3) === 0 ? {} : { count: below(4) }) }
    case 'outlive':
      return { ms: below(60) * 1000 }
    case 'again':
      return { count: 1 + below(6) }
    case 'clock':
      return { ms: (below(21) - 10) * minute }
    default:
      return {}
  }
}
