import { seededRandom } from '../../../src/testing/simulator.ts'
import type { InputRecord } from './replay-world.ts'

/**
 * Records of a minute and a half with pauses, in two partitions of each topic. Those of one topic come a little out of
 * order. Of two topics nothing says which of two records came first but their times: there each has a later one than the
 * one before.
 */
export function seededInput(topics: readonly string[], seed: number): readonly InputRecord[] {
  const random = seededRandom(seed)
  const below = (count: number) => Math.floor(random() * count)
  const records: InputRecord[] = []
  for (let timeMs = 100_000; timeMs < 190_000; timeMs += 1 + (random() < 0.05 ? below(15_000) : below(600))) {
    const key = below(6)
    const value = `${'abcdef'[below(6)]}${records.length}`
    const late = topics.length === 1 && random() < 0.1 ? below(4000) : 0
    records.push([topics[below(topics.length)] as string, key % 2, `k${key}`, value, timeMs - late])
  }
  return records
}
