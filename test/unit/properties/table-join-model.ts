import type { Event, Model } from './history.ts'
import { joinText } from './stream-join-model.ts'
import { line } from './topology-play.ts'

export interface TableJoinConfig {
  readonly engine: 'memory' | 'disk'
  readonly join: 'inner' | 'left' | 'outer'
}

interface Row {
  readonly value: string
  readonly timestamp: number
}

/** Two maps in order of arrival; each change of one is joined with the row of the other. */
export function tableJoinModel({ join }: TableJoinConfig): Model {
  const tables = { left: new Map<string, Row>(), right: new Map<string, Row>() }

  function take({ topic, key, value, timestamp }: Event): readonly string[] {
    if (key === null) return []
    const side = topic as 'left' | 'right'
    const own = tables[side]
    const had = own.has(key)
    if (value === null) own.delete(key)
    else own.set(key, { value, timestamp })
    const other = tables[side === 'left' ? 'right' : 'left'].get(key)
    const [left, right] = side === 'left' ? [value, other?.value ?? null] : [other?.value ?? null, value]
    // Whether there was a result before, or is one now: else nobody is told.
    const needsOther = join === 'inner' || (join === 'left' && side === 'right')
    if (other === undefined && (needsOther || (value === null && !had))) return []
    const isResult =
      join === 'inner' ? left !== null && right !== null : left !== null || (join === 'outer' && right !== null)
    const time = Math.max(timestamp, other?.timestamp ?? -1)
    return [line(key, isResult ? joinText(left, right) : null, time)]
  }

  return { take }
}
