import { expect, test } from '@jest/globals'
import { noHeaders } from '../../../../src/core/headers.ts'
import { jsonView, type Serde } from '../../../../src/index.ts'
import { decodeBatch, type FetchedBatch } from '../../../../src/kafka/wire/codec/record-batch-reader.ts'
import { RecordBatchWriter, stampBatch } from '../../../../src/kafka/wire/codec/record-batch-writer.ts'
import { readBatchHeader } from '../../../../src/kafka/wire/codec/record-codec.ts'
import { nullReceiver } from '../../../../src/runtime/task/receivers.ts'
import { RecordQueue } from '../../../../src/runtime/task/record-queue.ts'
import type { SourceNode } from '../../../../src/topology/node.ts'
import { sketchTopology } from '../topology-fixture.ts'

const node = sketchTopology({ source: { kind: 'source', topics: ['in'] } }).nodes.get('source') as SourceNode
const views = jsonView<{ readonly level: string }>({ level: 'string' })

/** As it comes from a broker. */
function fetched(firstOffset: number, values: readonly (string | null)[]): FetchedBatch {
  const writer = new RecordBatchWriter()
  for (const value of values) writer.append(null, value === null ? null : Buffer.from(value), 5, noHeaders)
  const bytes = writer.seal('lz4')
  stampBatch(bytes, 1, 0, 0)
  bytes.writeBigInt64BE(BigInt(firstOffset), 0)
  return decodeBatch('in', 0, bytes, readBatchHeader(bytes, 0)!, firstOffset)
}

/** All that the graph would see of the batches, and the offsets that went to the handler. */
function taken(value: Serde<unknown>, batches: readonly FetchedBatch[]) {
  const refused: number[] = []
  const seen: unknown[] = []
  const queue = new RecordQueue(
    'in',
    0,
    { node: { ...node, value }, receiver: nullReceiver, timestampExtractor: undefined },
    { undecodable: (_, __, batch, index) => void refused.push(batch.offset(index)), invalidTimestamp: () => {} },
  )
  for (const batch of batches) queue.add(batch)
  for (queue.findHead(); queue.hasHead; queue.advance()) {
    const view = queue.headValue as { readonly level: unknown } | null
    seen.push(view === null ? null : view.level)
  }
  return { refused, seen }
}

test('a broken record goes to its handler, and its neighbors are read', () => {
  const { refused, seen } = taken(views, [
    fetched(0, ['{"level":"a"}', '{"level":"b"', null, '{"level":"é"}', '[]', '{"level":"c"}']),
    fetched(6, ['"', '{"level":"d"}', '{"level":"\\ud800"}']),
  ])
  expect(seen).toEqual(['a', null, 'é', 'c', 'd', '\ud800'])
  expect(refused).toEqual([1, 4, 6])
})

test('a serde that reads batches is asked once a batch', () => {
  const counts: number[] = []
  const { seen } = taken(
    {
      name: 'counting',
      serialize: () => Buffer.of(),
      deserialize: () => {
        throw new Error('one by one')
      },
      readBatch: (values) => {
        counts.push(values.count)
        return { read: (index) => ({ level: values.length(index) }) }
      },
    },
    [fetched(0, ['a', null, 'ccc']), fetched(3, ['dd'])],
  )
  expect(counts).toEqual([3, 1])
  expect(seen).toEqual([1, null, 3, 2])
})
