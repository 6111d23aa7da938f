import type { TimeRange } from '../topologies/input-policy.ts'
import { MillraceError } from '../src/index.ts'
import type { SinkPlaces } from '../src/sinks/index.ts'
import type { FleetSettings } from './settings.ts'

const dayMs = 86_400_000

/** Old logs that are loaded, and what one index of them holds. */
export interface Backfill extends TimeRange {
  readonly index: 'month' | 'year'
}

/** The mode of the settings; undefined where nothing is loaded. Throws INVALID_SETTINGS where the months are in the wrong order. */
export function backfillOf({ backfill, backfillIndex }: FleetSettings['input']): Backfill | undefined {
  if (backfill === undefined) return undefined
  const [first = '', last = ''] = backfill.split('/')
  if (first > last) {
    const text = `input.backfill (INPUT_BACKFILL) is "${backfill}": give the first month before the last one, ${last}/${first}`
    throw new MillraceError('INVALID_SETTINGS', 'fatal', text)
  }
  const end = new Date(`${last}-01T00:00:00Z`)
  end.setUTCMonth(end.getUTCMonth() + 1)
  return { fromMs: Date.parse(`${first}-01T00:00:00Z`), toMs: end.getTime(), index: backfillIndex }
}

/** What the names of its indices begin with: templates of daily indices match them too, with a lower priority. */
export function backfillPrefix(prefix: string): string {
  return `${prefix}-backfill`
}

/** At most so many indices and shards take the logs that Kafka received in a range: theirs may be older, or a little newer. */
export function logPlaces(
  input: FleetSettings['input'],
  shards: number,
  fromMs: number,
  toMs: number,
  routes = 0,
): SinkPlaces {
  const firstDay = Math.floor((fromMs - input.eventAgeMaxMs) / dayMs)
  const days = Math.floor((toMs - 1 + input.eventAheadMaxMs) / dayMs) - firstDay + 1
  const backfill = backfillOf(input)
  const old = backfill === undefined ? 0 : backfillIndices(backfill)
  const daily = days * (1 + routes)
  return { indices: daily + old, shards: daily * shards + old }
}

/** How many indices the old logs have at most. */
export function backfillIndices({ fromMs, toMs, index }: Backfill): number {
  const [first, last] = [new Date(fromMs), new Date(toMs - 1)]
  const years = last.getUTCFullYear() - first.getUTCFullYear()
  return index === 'year' ? years + 1 : years * 12 + last.getUTCMonth() - first.getUTCMonth() + 1
}
