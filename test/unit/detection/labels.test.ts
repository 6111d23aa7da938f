import { describe, expect, test } from '@jest/globals'
import {
  type AlertLabels,
  detectorSettings,
  readLabels,
  SeriesDetector,
  strictnessAt,
  withLabel,
} from '../../../src/detection/index.ts'

const dayMs = 86_400_000
const labelled = (...labels: readonly (readonly [day: number, isRight: boolean])[]): AlertLabels =>
  labels.reduce<AlertLabels | undefined>(
    (before, [day, isRight]) => withLabel('errors', before, { timeMs: day * dayMs, isRight, by: 'ann' }),
    undefined,
  ) as AlertLabels

describe('labels of alerts', () => {
  test('ask for more after a wrong alert, and for less after a right one', () => {
    expect(strictnessAt(undefined, 0)).toBe(1)
    expect(strictnessAt(labelled([1, false]), dayMs)).toBeCloseTo(1.5)
    expect(strictnessAt(labelled([1, true]), dayMs)).toBeCloseTo(1 / 1.2)
  })

  test('are half forgotten after 14 days', () => {
    expect(strictnessAt(labelled([1, false]), 15 * dayMs)).toBeCloseTo(Math.sqrt(1.5))
  })

  test('stay within bounds, however many there are', () => {
    const many = (isRight: boolean) => labelled(...Array.from({ length: 50 }, () => [1, isRight] as const))
    expect(strictnessAt(many(false), dayMs)).toBeCloseTo(4)
    expect(strictnessAt(many(true), dayMs)).toBeCloseTo(0.5)
    expect(many(true).labels).toHaveLength(32)
  })

  test('say nothing of points before them, so that a replay judges as the first run did', () => {
    expect(strictnessAt(labelled([5, false]), 5 * dayMs - 1)).toBe(1)
  })

  test('are the same after they were read, and other values are none', () => {
    const labels = labelled([1, false], [2, true])
    expect(readLabels(JSON.parse(JSON.stringify(labels)))).toEqual(labels)
    expect([null, {}, { key: 'a', labels: [{}] }].map(readLabels)).toEqual([undefined, undefined, undefined])
  })
})

test('a series that is stricter scores a point as one that lies less far outside, and learns the same', () => {
  const settings = detectorSettings({ intervalMs: 60_000, memoryMs: dayMs, warmUpMs: 3_600_000 })
  const detector = new SeriesDetector(settings)
  for (let minute = 0; minute < 300; minute++) detector.observe(100 + ((minute * 7919) % 10), minute * 60_000)
  const [usual, strict] = [1, 4].map((strictness) => {
    const copy = SeriesDetector.restore(detector.toBytes(), settings)
    return { verdict: copy.observe(140, 300 * 60_000, true, strictness), bytes: copy.toBytes() }
  })
  expect(strict?.verdict.score).toBeLessThan(usual?.verdict.score as number)
  expect(strict?.verdict.unusual).toEqual(usual?.verdict.unusual)
})
