import { expect, test } from '@jest/globals'
import { decodeCommitMetadata, encodeCommitMetadata } from '../../../../src/runtime/task/commit-metadata.ts'

// Texts that Kafka Streams 4.3 wrote.
const golden: readonly (readonly [number, Record<string, number>, string])[] = [
  [-1, {}, 'Av//////////'],
  [10, { emit: 42 }, 'AgAAAAAAAAAKAAAAAQAAAARlbWl0AAAAAAAAACo='],
  [0, { key1: 100, key2: 200 }, 'AgAAAAAAAAAAAAAAAgAAAARrZXkxAAAAAAAAAGQAAAAEa2V5MgAAAAAAAADI'],
  [1700000000000, {}, 'AgAAAYvP5WgA'],
]

test.each(golden)('partition time %d with %j is %s, both ways', (partitionTimeMs, state, text) => {
  const operatorState = new Map(Object.entries(state))
  expect(encodeCommitMetadata(partitionTimeMs, operatorState)).toBe(text)
  expect(decodeCommitMetadata(text)).toEqual({ partitionTimeMs, operatorState, topicId: undefined })
})

test('the stream times of more operators than a broker takes are left out, and the rest is as it was', () => {
  const operatorState = new Map<string, number>()
  for (let index = 0; index < 300; index++) operatorState.set(`operator-${index}`, index)
  const text = encodeCommitMetadata(10, operatorState, 'topic-id')
  expect(text.length).toBeLessThanOrEqual(4096)
  const decoded = decodeCommitMetadata(text)
  expect(decoded).toMatchObject({ partitionTimeMs: 10, topicId: 'topic-id' })
  expect(decoded.operatorState.size).toBeGreaterThan(100)
  for (const [name, value] of decoded.operatorState) expect(value).toBe(operatorState.get(name))
})

test('version 1 holds the time alone', () => {
  expect(decodeCommitMetadata('AQAAAAAAAAAK').partitionTimeMs).toBe(10)
})

test.each(['', 'not base64 of ours', 'Ag==', 'CQAAAAAAAAAK', 'AgAAAAAAAAAKAAAAAQAAAP8='])(
  '%j means that nothing is known',
  (text) => {
    expect(decodeCommitMetadata(text)).toEqual({ partitionTimeMs: -1, operatorState: new Map(), topicId: undefined })
  },
)

test.each([{}, { emit: 42 }, { key1: 100, key2: 200 }])(
  'the id of the topic stands behind what Java reads, with %j',
  (state) => {
    const operatorState = new Map(Object.entries(state))
    const text = encodeCommitMetadata(10, operatorState, 'AbCdEfGhIjKlMnOpQrStUw')
    expect(decodeCommitMetadata(text)).toEqual({
      partitionTimeMs: 10,
      operatorState,
      topicId: 'AbCdEfGhIjKlMnOpQrStUw',
    })
    const bytes = Buffer.from(text, 'base64')
    const javas = Buffer.from(encodeCommitMetadata(10, operatorState), 'base64')
    expect(bytes.subarray(0, javas.length)).toEqual(javas)
  },
)
