import type { Event, Model } from './history.ts'
import { line } from './topology-play.ts'

type Side = 'left' | 'right'

export interface StreamJoinConfig {
  readonly engine: 'memory' | 'disk'
  readonly join: 'inner' | 'left' | 'outer'
  readonly beforeMs: number
  readonly afterMs: number
  readonly graceMs: number
}

interface Row {
  readonly side: Side
  readonly key: string
  readonly value: string
  readonly timestamp: number
}

export const joinText = (left: string | null, right: string | null): string => `${left}-${right}`

/** Two streams as lists of all their records, and the rows that wait for a partner as a third. */
export function streamJoinModel({ engine, join, beforeMs, afterMs, graceMs }: StreamJoinConfig): Model {
  const retentionMs = beforeMs + afterMs + graceMs
  const rows: Row[] = []
  const newestMs = { left: -1, right: -1 }
  let waiting: Row[] = []
  let timeMs = -1
  /** Since the last scan; undefined: nothing is known to wait. */
  let earliestWaitingMs: number | undefined

  const opposite = (side: Side): Side => (side === 'left' ? 'right' : 'left')
  const isOuter = (side: Side) => join === 'outer' || (join === 'left' && side === 'left')
  const boundMs = (side: Side) => (side === 'left' ? afterMs : beforeMs)
  const alone = ({ side, key, value, timestamp }: Row | (Omit<Row, 'key'> & { key: null })) =>
    line(key, side === 'left' ? joinText(value, null) : joinText(null, value), timestamp)

  function scan(side: Side): string[] {
    const waitMs = boundMs(side) + graceMs
    if (earliestWaitingMs === undefined ? waitMs <= 0 : earliestWaitingMs + waitMs >= timeMs) return []
    earliestWaitingMs = undefined
    const open = new Set<Side>()
    const due: Row[] = []
    for (const row of [...waiting].sort(byTimeSideKey)) {
      earliestWaitingMs = row.timestamp
      if (open.size === 2) break
      if (row.timestamp + boundMs(row.side) + graceMs >= timeMs) open.add(row.side)
      else due.push(row)
    }
    waiting = waiting.filter((row) => !due.includes(row))
    return due.map(alone)
  }

  function meet(own: Row): string[] {
    const fromMs = Math.max(0, own.timestamp - boundMs(opposite(own.side)))
    const toMs = Math.max(0, own.timestamp + boundMs(own.side))
    const partners = rows
      .filter(({ side, key }) => side !== own.side && key === own.key)
      .filter(({ side, timestamp }) => timestamp > newestMs[side] - retentionMs)
      .filter(({ timestamp }) => timestamp >= fromMs && timestamp <= toMs)
      .sort((one, other) => one.timestamp - other.timestamp)
    waiting = waiting.filter(
      (row) => !partners.some((one) => one.side === row.side && one.key === row.key && one.timestamp === row.timestamp),
    )
    if (partners.length === 0 && isOuter(own.side)) {
      if (toMs < timeMs) return [alone(own)]
      waiting.push(own)
      earliestWaitingMs = Math.min(earliestWaitingMs ?? own.timestamp, own.timestamp)
    }
    return partners.map((other) => {
      const [left, right] = own.side === 'left' ? [own, other] : [other, own]
      return line(own.key, joinText(left.value, right.value), Math.max(left.timestamp, right.timestamp))
    })
  }

  function take({ topic, key, value, timestamp }: Event): readonly string[] {
    const side = topic as Side
    timeMs = Math.max(timeMs, timestamp)
    if (value !== null && key === null) return isOuter(side) ? [alone({ side, key, value, timestamp })] : []
    if (key === null) return []
    const outputs: string[] = []
    if (value !== null) {
      const own = { side, key, value, timestamp }
      if (join !== 'inner' && timestamp === timeMs) outputs.push(...scan(side))
      outputs.push(...meet(own))
      rows.push(own)
    }
    // Only the store in memory takes the time of a null value.
    if (value !== null || engine === 'memory') newestMs[side] = Math.max(newestMs[side], timestamp)
    return outputs
  }

  return {
    take,
    forgetTime: () => void (timeMs = -1),
    restart: () => void (earliestWaitingMs = undefined),
  }
}

function byTimeSideKey(one: Row, other: Row): number {
  if (one.timestamp !== other.timestamp) return one.timestamp - other.timestamp
  if (one.side !== other.side) return one.side === 'right' ? -1 : 1
  return one.key < other.key ? -1 : one.key > other.key ? 1 : 0
}
