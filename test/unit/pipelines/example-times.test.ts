import { expect, test } from '@jest/globals'
import { pipeline, runExamples } from '../../../src/pipelines/index.ts'

const input = '{"timestamp":"2026-11-24T10:00:00+02:00"}'

function differencesOf(timestamp: string | number) {
  const [result] = runExamples(pipeline({ name: 'times', examples: [{ input, expect: { timestamp } }] }))
  return result?.differences
}

test.each(['2026-11-24T08:00:00Z', '2026-11-24T09:00:00+01:00', Date.UTC(2026, 10, 24, 8)])(
  'an example may expect its time as %s',
  (timestamp) => {
    expect(differencesOf(timestamp)).toEqual([])
  },
)

test.each(['2026-11-24T08:00:01Z', 'today', ''])('an example that expects the time %j fails', (timestamp) => {
  const actual = Date.UTC(2026, 10, 24, 8)
  expect(differencesOf(timestamp)).toEqual([{ field: 'timestamp', expected: timestamp, actual }])
})
