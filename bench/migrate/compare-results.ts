import type { outputs } from '../kafka-streams/shop.ts'
import type { TopicVerdict } from '../topic-verdict.ts'
import type { ResultRecord, ShopResults } from './shop-lab.ts'

export interface ResultVerdict extends TopicVerdict {
  /** Some of what differs, for a person. */
  readonly examples: readonly string[]
}

/** Of these every record is a result; of the others the last one of each key. */
const streams: ReadonlySet<(typeof outputs)[number]> = new Set(['windowed', 'joined'])

/**
 * Results that count as none: what a deleted session becomes as a text, in both languages, and the count of a group
 * without members, which record caches pass over where the members came and went within one commit.
 */
const noResults: ReadonlySet<string> = new Set(['null', '0'])

export function compareResults(expected: ShopResults, found: ShopResults): readonly ResultVerdict[] {
  return [...expected].map(([topic, records]) => {
    const others = found.get(topic) ?? []
    if (streams.has(topic)) return compareStreams(topic, records, others)
    const verdict = compareTables(topic, lastOf(records), lastOf(others))
    return topic === 'counted' ? { ...verdict, doubled: verdict.doubled + repeated(others) } : verdict
  })
}

export function isEqual(verdict: ResultVerdict): boolean {
  return verdict.expected > 0 && verdict.lost + verdict.doubled + verdict.wrong === 0
}

function compareStreams(topic: string, expected: readonly ResultRecord[], found: readonly ResultRecord[]) {
  const [wanted, there] = [timesOf(expected), timesOf(found)]
  const examples: string[] = []
  let [lost, doubled, wrong] = [0, 0, 0]
  for (const text of new Set([...wanted.keys(), ...there.keys()])) {
    const [should, is] = [wanted.get(text) ?? 0, there.get(text) ?? 0]
    if (should === 0) wrong += is
    else if (is > should) doubled += is - should
    else lost += should - is
    if (should !== is) examples.push(`${text}: ${is} times instead of ${should}`)
  }
  return { topic, expected: expected.length, found: found.length, lost, doubled, wrong, examples }
}

function compareTables(topic: string, expected: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>) {
  const examples: string[] = []
  let [lost, doubled, wrong] = [0, 0, 0]
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [should, is] = [expected.get(key), found.get(key)]
    if (should === is) continue
    examples.push(`${key}: ${is} instead of ${should}`)
    const more = Number(is) - Number(should)
    if (is === undefined) lost++
    else if (should === undefined || Number.isNaN(more)) wrong++
    else if (more > 0) doubled += more
    else lost -= more
  }
  return { topic, expected: expected.size, found: found.size, lost, doubled, wrong, examples }
}

/** Counts of a key that do not rise: what was counted before is counted again. */
function repeated(records: readonly ResultRecord[]): number {
  const last = new Map<string, number>()
  let count = 0
  for (const { key, value } of records) {
    if (Number(value) <= (last.get(key) ?? 0)) count++
    last.set(key, Number(value))
  }
  return count
}

function timesOf(records: readonly ResultRecord[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  for (const { key, value } of records) times.set(`${key}=${value}`, (times.get(`${key}=${value}`) ?? 0) + 1)
  return times
}

function lastOf(records: readonly ResultRecord[]): ReadonlyMap<string, string> {
  const last = new Map<string, string>()
  for (const { key, value } of records)
    if (value === null || noResults.has(value)) last.delete(key)
    else last.set(key, value)
  return last
}
