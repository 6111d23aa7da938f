import { expect, test } from '@jest/globals'
import { imported } from '../../../support/imported.ts'

test.each(['logstash', 'fluent-bit', 'vector'] as const)('a file that holds nothing of %s is named', (from) => {
  expect(imported(from, '# nothing\n').notConverted).toEqual([
    { line: 1, what: `the file has nothing of ${from} that could be a step` },
  ])
})
