import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { groupingAccuracy } from '../../../../bench/templates/grouping-accuracy.ts'
import { labelledLines, logSets, structuredFile } from '../../../../bench/templates/loghub.ts'
import { agreement, minedIds } from '../../../../bench/templates/mined.ts'

const slices = join(import.meta.dirname, '../../../data/loghub')

describe('on slices of LogHub', () => {
  // By the settings of the paper on Drain, whose rule leads to exactly these shares, and by the default ones.
  test.each([
    ['HDFS', 1, 1],
    ['OpenSSH', 0.99, 0.99],
    ['Zookeeper', 1, 1],
  ])('lines of %s are in the right groups', (name, byPaper, byDefault) => {
    const { messages, groups } = labelledLines(structuredFile(slices, name) ?? name)
    expect(messages).toHaveLength(300)
    const paper = logSets.find((set) => set.name === name)?.paper ?? {}
    expect(groupingAccuracy(minedIds(messages, paper), groups).lines).toBeCloseTo(byPaper, 10)
    expect(groupingAccuracy(minedIds(messages, {}), groups).lines).toBeGreaterThanOrEqual(byDefault)
    expect(agreement(messages, {}, 4)).toBeGreaterThan(0.8)
  })
})

test('the scorer counts lines whose group is exactly the right one', () => {
  const truth = ['a', 'a', 'b', 'b', 'c']
  expect(groupingAccuracy(['1', '1', '2', '2', '3'], truth)).toEqual({ lines: 1, groups: 1 })
  expect(groupingAccuracy(['1', '1', '2', '3', '3'], truth)).toEqual({ lines: 0.4, groups: 1 / 3 })
  expect(groupingAccuracy(['1', '1', '1', '1', '1'], truth)).toEqual({ lines: 0, groups: 0 })
})
