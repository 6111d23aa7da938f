import { describe, expect, test } from '@jest/globals'
import { createOperator } from '../../../src/operators/create-operator.ts'
import type { Sink, SinkRecord } from '../../../src/sinks/port.ts'
import { OperatorHarness } from '../../../src/testing/operator-harness.ts'

function open() {
  const added: SinkRecord[] = []
  const sink: Sink = {
    open: async () => {},
    add: (record) => void added.push(record),
    isFull: false,
    pump: () => {},
    flush: async () => {},
    discard: () => {},
    close: async () => {},
  }
  const operator = createOperator({ kind: 'external-sink', sink: 'documents' })
  return { added, operator, harness: new OperatorHarness(operator, { sinks: { documents: sink } }) }
}

describe('external sink', () => {
  test('a document knows where it came from', () => {
    const { added, harness } = open()
    const headers = [{ key: 'h', value: null }]
    harness.process('k', { n: 1 }, 5, headers)
    expect(added).toEqual([
      { topic: 'input', partition: 0, offset: 0, sequence: 0, timestamp: 5, key: 'k', value: { n: 1 }, headers },
    ])
  })

  test('documents of one source record are numbered, the next record starts at 0', () => {
    const { added, operator, harness } = open()
    harness.process('k', 1, 5)
    operator.process('k', 2, 5, [])
    operator.process('k', 3, 5, [])
    harness.process('k', 4, 5)
    expect(added.map(({ offset, sequence }) => [offset, sequence])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
    ])
  })

  test('a sink that nobody configured is UNKNOWN_SINK when the task opens', () => {
    expect(() => new OperatorHarness(createOperator({ kind: 'external-sink', sink: 'nowhere' }))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_SINK' }),
    )
  })
})
