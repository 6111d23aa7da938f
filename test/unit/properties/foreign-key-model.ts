import type { Event, Model } from './history.ts'
import { joinText } from './stream-join-model.ts'
import { line } from './topology-play.ts'

export interface ForeignKeyConfig {
  readonly engine: 'memory' | 'disk'
  readonly join: 'inner' | 'left'
}

interface Row {
  readonly value: string
  readonly timestamp: number
}

/** The foreign key of a left value: what stands before the colon, or none. */
export function foreignKeyOf(value: string): string | null {
  const [foreignKey = ''] = value.split(':')
  return foreignKey === '' ? null : foreignKey
}

/** Two maps; a left change looks its right row up, a right change all left rows that name it. */
export function foreignKeyModel({ join }: ForeignKeyConfig): Model {
  const lefts = new Map<string, Row>()
  const rights = new Map<string, Row>()

  function leftChange(key: string, value: string | null, timestamp: number): string[] {
    const old = lefts.get(key)
    if (value === null) lefts.delete(key)
    else lefts.set(key, { value, timestamp })
    if (value === null && old === undefined) return []
    const oldForeign = old === undefined ? null : foreignKeyOf(old.value)
    const foreign = value === null ? null : foreignKeyOf(value)
    const right = foreign === null ? undefined : rights.get(foreign)
    if (value !== null && right !== undefined) {
      return [line(key, joinText(value, right.value), Math.max(timestamp, right.timestamp))]
    }
    if (join === 'left') return [line(key, value === null ? null : joinText(value, null), timestamp)]
    // An inner join takes back what the old foreign key may have given: by the deletion, or by the unknown new key.
    if (oldForeign === null || foreign === oldForeign) return []
    const told = foreign === null ? rights.get(oldForeign) : undefined
    return [line(key, null, Math.max(timestamp, told?.timestamp ?? -1))]
  }

  function rightChange(key: string, value: string | null, timestamp: number): string[] {
    if (value === null) rights.delete(key)
    else rights.set(key, { value, timestamp })
    return [...lefts]
      .filter(([, left]) => foreignKeyOf(left.value) === key)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([primaryKey, left]) => {
        // Java does not look at the left row's time here.
        const isResult = value !== null || join === 'left'
        return line(primaryKey, isResult ? joinText(left.value, value) : null, timestamp)
      })
  }

  function take({ topic, key, value, timestamp }: Event): readonly string[] {
    if (key === null) return []
    return topic === 'left' ? leftChange(key, value, timestamp) : rightChange(key, value, timestamp)
  }

  return { take }
}
