import { expect, test } from '@jest/globals'
import { nullReceiver } from '../../../../src/runtime/task/receivers.ts'
import { RecordQueue } from '../../../../src/runtime/task/record-queue.ts'
import type { SourceNode } from '../../../../src/topology/node.ts'
import { batchOf } from '../batches.ts'
import { sketchTopology } from '../topology-fixture.ts'

const node = sketchTopology({ source: { kind: 'source', topics: ['in'] } }).nodes.get('source') as SourceNode
const source = { node, receiver: nullReceiver, timestampExtractor: undefined }

function newQueue(): RecordQueue {
  const undecodable = (error: unknown): never => {
    throw error
  }
  return new RecordQueue('in', 0, source, { undecodable, invalidTimestamp: () => {} })
}

test('a queue that never held a record has seen no time', () => {
  expect(newQueue().lastSeenMs).toBe(-1)
})

test('the time that was seen last is that of the head', () => {
  const queue = newQueue()
  queue.add(
    batchOf(
      'in',
      0,
      [7, 3].map((timestamp) => ({ timestamp, value: 'x' })),
    ),
  )
  queue.findHead()
  queue.advance()
  expect(queue.lastSeenMs).toBe(3)
})

test('without a head the time that was seen last is the latest that was taken', () => {
  const queue = newQueue()
  queue.add(
    batchOf(
      'in',
      0,
      [7, 3].map((timestamp) => ({ timestamp, value: 'x' })),
    ),
  )
  queue.findHead()
  queue.advance()
  queue.advance()
  expect(queue.lastSeenMs).toBe(7)
})
