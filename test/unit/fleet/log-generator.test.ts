import { describe, expect, test } from '@jest/globals'
import { defaultGeneratorOptions, type GeneratedRecord, generateLogs } from '../../../fleet/generator/log-generator.ts'
import { inputTopics } from '../../../fleet/topics.ts'

function take(count: number, seed = 1): readonly GeneratedRecord[] {
  const logs = generateLogs({ ...defaultGeneratorOptions, seed, startMs: 0 })
  return Array.from({ length: count }, () => logs.next().value)
}

const minute = take(60 * defaultGeneratorOptions.ratePerSecond)

describe('the log generator', () => {
  test('gives the same records for the same seed', () => expect(take(500, 5)).toEqual(take(500, 5)))

  test('gives others for another seed', () => expect(take(50, 5)).not.toEqual(take(50, 6)))

  test.each(['normal', 'burst', 'duplicate', 'late', 'malformed', 'brute-force'] as const)(
    'shows a record of the kind %s within a minute',
    (kind) => expect(minute.some((record) => record.kind === kind)).toBe(true),
  )

  test('feeds all three input topics', () => {
    expect(new Set(minute.map((record) => record.topic))).toEqual(new Set(inputTopics.map((topic) => topic.name)))
  })

  test('repeats a duplicate byte for byte', () => {
    const seen = new Set<string>()
    for (const record of minute) {
      const text = Buffer.from(record.value).toString('latin1')
      if (record.kind === 'duplicate') expect(seen.has(text)).toBe(true)
      seen.add(text)
    }
  })

  test('breaks only what it calls malformed', () => {
    for (const record of minute) {
      if (record.kind === 'malformed') continue
      expect(() => JSON.parse(Buffer.from(record.value).toString())).not.toThrow()
    }
  })
})
