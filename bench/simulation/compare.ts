import type { Expected } from './model.ts'

export interface Result {
  readonly key: string
  readonly value: string | null
}

export interface Allowance {
  /** How often a result may be there. */
  readonly timesMax: number
  /** The last value of a key may be one from before. */
  readonly isLastLate: boolean
  /**
   * What was written and not committed may be deleted without a word: in a cache nothing is left of a value and its
   * deletion, as in Kafka Streams.
   */
  readonly mayMissDeletions: boolean
}

/** What is wrong with the results of a part, in words: the first faults. */
export function compare(
  part: string,
  expected: Expected,
  results: readonly Result[],
  allowance: Allowance,
): readonly string[] {
  const byKey = new Map<string, (string | null)[]>()
  for (const { key, value } of results) byKey.set(key, [...(byKey.get(key) ?? []), value])
  const keys = new Set([...expected.values.keys(), ...byKey.keys()])
  const wrong: string[] = []
  for (const key of keys) {
    const found = byKey.get(key) ?? []
    const faults = faultsOf(expected, key, found, allowance)
    for (const fault of faults) wrong.push(`${part} ${key}: ${fault}; found ${JSON.stringify(found).slice(0, 300)}`)
  }
  return wrong.slice(0, 5)
}

function faultsOf(
  expected: Expected,
  key: string,
  found: readonly (string | null)[],
  { timesMax, isLastLate, mayMissDeletions }: Allowance,
): readonly string[] {
  switch (expected.kind) {
    case 'each':
      return eachFaults(expected.values.get(key) ?? [], found, timesMax, expected.may?.get(key))
    case 'last':
      if (mayMissDeletions && !expected.values.has(key)) return []
      return lastFaults(expected.values.get(key), found, timesMax, isLastLate)
    case 'list':
      return listFaults(expected.values.get(key) ?? [], found, timesMax, isLastLate)
    case 'closed list':
      return closedFaults(expected.values.get(key) ?? [], found, timesMax)
  }
}

function timesOf(values: readonly (string | null)[]): Map<string | null, number> {
  const times = new Map<string | null, number>()
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1)
  return times
}

/** Of values that are each there at least once, and not too often. */
function eachFaults(
  wanted: readonly string[],
  found: readonly (string | null)[],
  timesMax: number,
  may: readonly string[] = [],
): string[] {
  const times = timesOf(found)
  const known: ReadonlySet<string | null> = new Set([...wanted, ...may])
  const lost = wanted.filter((value) => !times.has(value)).map((value) => `${value} is lost`)
  const odd = [...times.keys()].filter((value) => !known.has(value)).map((value) => `${value} is wrong`)
  return [...lost, ...odd, ...repeated(times, timesMax)]
}

function repeated(times: ReadonlyMap<string | null, number>, timesMax: number): string[] {
  return [...times].filter(([, count]) => count > timesMax).map(([value, count]) => `${value} is there ${count} times`)
}

function lastFaults(
  wanted: string | undefined,
  found: readonly (string | null)[],
  timesMax: number,
  isLastLate: boolean,
): string[] {
  const last = found.at(-1) ?? undefined
  const isRight = last === wanted || (isLastLate && found.some((value) => (value ?? undefined) === wanted))
  const faults = isRight ? [] : [`the last value is ${last} instead of ${wanted}`]
  return [...faults, ...repeated(timesOf(found.filter((value) => value !== null)), timesMax)]
}

/** Each value has the words of the one before it and more; with repeats it has them again, and values come again. */
function listFaults(
  wanted: readonly string[],
  found: readonly (string | null)[],
  timesMax: number,
  isLastLate: boolean,
): string[] {
  const faults: string[] = []
  const lists = found.map((value) => (value ?? '').split(' '))
  if (timesMax === 1) {
    for (const [index, list] of lists.entries()) {
      const before = lists[index - 1] ?? []
      if (list.length <= before.length || before.some((word, at) => list[at] !== word))
        faults.push(`'${list.join(' ')}' follows '${before.join(' ')}'`)
    }
  }
  const last = isLastLate ? longest(lists) : lists.at(-1)
  return [...faults, ...wordFaults(wanted, last ?? [], timesMax)]
}

function longest(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  return [...lists].sort((left, right) => right.length - left.length)[0]
}

/** One list, or the same words again where there may be repeats. */
function closedFaults(wanted: readonly string[], found: readonly (string | null)[], timesMax: number): string[] {
  const faults = found.length === 0 ? ['there is no result'] : []
  if (found.length > timesMax) faults.push(`there are ${found.length} results`)
  return [...faults, ...found.flatMap((value) => wordFaults(wanted, (value ?? '').split(' '), timesMax))]
}

function wordFaults(wanted: readonly string[], words: readonly string[], timesMax: number): string[] {
  return eachFaults(wanted, words, timesMax).map((fault) => `in the list, ${fault}`)
}
