import { describe, expect, test } from '@jest/globals'
import { validClosings } from '../../../src/replay/idle-closings.ts'
import { encodeCommitMetadata } from '../../../src/runtime/task/commit-metadata.ts'

const inputs = [{ topic: 'in', partition: 0, offset: 5, timeMs: 100 }]

/** Rows as `writer:number`, in the order of the topic. */
function numbersOf(rows: readonly string[], committedClosings?: number): readonly string[] {
  const written = rows.map((row, index) => {
    const [writer = '', number = ''] = row.split(':')
    return { task: '0_0', number: Number(number), advancedMs: 200, inputs, writer, atMs: index }
  })
  const metadata = encodeCommitMetadata(100, new Map([['idle/closings', committedClosings ?? 0]]))
  const committed = committedClosings === undefined ? [] : [{ topic: 'in', partition: 0, offset: 5, metadata }]
  const valid = validClosings(written, committed).get('0_0') ?? []
  return valid.map(({ writer, number }) => `${writer}:${number}`)
}

describe('a closing of the live application counts', () => {
  test('if its interval was committed', () => {
    expect(numbersOf(['a:1', 'a:2', 'a:3'], 2)).toEqual(['a:1', 'a:2'])
  })

  test('if the offsets of the group are gone', () => {
    expect(numbersOf(['a:1', 'a:2'])).toEqual(['a:1', 'a:2'])
  })

  test('unless the interval was done again', () => {
    expect(numbersOf(['a:1', 'a:2', 'a:3', 'a:2'], 2)).toEqual(['a:1', 'a:2'])
    expect(numbersOf(['a:1', 'a:2', 'a:3', 'b:2', 'b:3'], 3)).toEqual(['a:1', 'b:2', 'b:3'])
  })

  test('unless its writer had lost the task', () => {
    expect(numbersOf(['a:1', 'b:2', 'a:2', 'a:3'], 3)).toEqual(['a:1', 'b:2'])
  })

  test('unless the group began again', () => {
    expect(numbersOf(['a:1', 'a:2', 'b:1'], 1)).toEqual(['b:1'])
    expect(numbersOf(['a:1', 'a:2'], 0)).toEqual([])
  })
})
