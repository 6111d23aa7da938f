import { describe, expect, test } from '@jest/globals'
import { basename } from 'node:path'
import { compare, isEqual } from './compare.ts'
import { readVectors, vectorFiles } from './read-vectors.ts'
import { differencesOf } from './report.ts'
import { runVector } from './run-vector.ts'

for (const file of vectorFiles()) {
  describe(`scenarios of ${basename(file, '.jsonl.gz')} give what Kafka Streams gives`, () => {
    test.each(readVectors(file).map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
      const comparison = compare(vector.expect, runVector(vector))
      if (isEqual(comparison)) return
      expect(differencesOf([{ name: vector.name, family: vector.family, comparison }])).toBe('')
    })
  })
}
