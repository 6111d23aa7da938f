/** Ids that one side has under a key, with how often. */
export type IdsByKey = ReadonlyMap<string, readonly string[]>

/** What a replay has of the ids of the live application. */
export interface IdAccount {
  /** Keys with the same ids, as often. */
  equal: number
  /** Ids that the replay has once more than the live application, as a kill allows. */
  repeated: number
  /** Ids that the replay does not have, or less often. */
  lost: number
  /** Ids that only the replay has, or more often than the kills allow. */
  unexplained: number
  /** Some of those that are lost or unexplained. */
  readonly samples: string[]
}

const samplesMax = 10

/**
 * Compares the ids under each key. After a kill, what was processed since the last commit is processed again: each of
 * these sets allows its ids once more. Nothing allows to lose one.
 */
export function accountOf(live: IdsByKey, replay: IdsByKey, kills: readonly ReadonlySet<string>[]): IdAccount {
  const account: IdAccount = { equal: 0, repeated: 0, lost: 0, unexplained: 0, samples: [] }
  const note = (kind: 'lost' | 'unexplained', id: string, key: string) => {
    account[kind]++
    if (account.samples.length < samplesMax) account.samples.push(`${kind}: ${id} of ${key}`)
  }
  for (const key of new Set([...live.keys(), ...replay.keys()])) {
    const [expected, found] = [counted(live.get(key)), counted(replay.get(key))]
    let isEqual = true
    for (const id of new Set([...expected.keys(), ...found.keys()])) {
      const more = (found.get(id) ?? 0) - (expected.get(id) ?? 0)
      if (more === 0) continue
      isEqual = false
      const isKnown = expected.has(id)
      if (more < 0) note('lost', id, key)
      else if (isKnown && more <= kills.filter((ids) => ids.has(id)).length) account.repeated += more
      else note('unexplained', id, key)
    }
    if (isEqual) account.equal++
  }
  return account
}

function counted(ids: readonly string[] = []): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
