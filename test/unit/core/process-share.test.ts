import assert from 'node:assert/strict'
import { afterEach, test } from '@jest/globals'
import { divideAmong, processShare } from '../../../src/core/process-share.ts'

afterEach(() => divideAmong(1))

test('a thread that is alone has all of what the process may use', () => {
  assert.equal(processShare(10), 10)
})

test('several threads have equal parts, and each has at least one', () => {
  divideAmong(4)
  assert.deepEqual([processShare(10), processShare(3)], [2, 1])
})
