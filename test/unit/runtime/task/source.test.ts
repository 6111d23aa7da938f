import { describe, expect, test } from '@jest/globals'
import { MillraceError } from '../../../../src/core/errors.ts'
import { noHeaders } from '../../../../src/core/headers.ts'
import { encodeChange } from '../../../../src/runtime/task/change-codec.ts'
import { nullReceiver } from '../../../../src/runtime/task/receivers.ts'
import { resolveBatch } from '../../../../src/runtime/task/source.ts'
import { string } from '../../../../src/serde/primitives.ts'
import type { Serde } from '../../../../src/serde/serde.ts'
import type { SourceNode } from '../../../../src/topology/node.ts'
import { batchOf } from '../batches.ts'

const serde = (resolve: (text: string) => Promise<void> | undefined): Serde<unknown> => ({
  ...(string() as Serde<unknown>),
  resolve: (bytes) => resolve(Buffer.from(bytes).toString()),
})

function resolved(
  node: { key?: Serde<unknown>; value?: Serde<unknown>; changes?: boolean },
  value: string | Uint8Array,
) {
  const texts = { key: string() as Serde<unknown>, value: string() as Serde<unknown>, changes: false, ...node }
  const source = { node: texts as unknown as SourceNode, receiver: nullReceiver, timestampExtractor: undefined }
  return resolveBatch(source, batchOf('in', 0, [{ timestamp: 1, key: 'k', value }]))
}

describe('what a batch needs', () => {
  test.each([
    ['new and old value', { newValue: 'new', oldValue: 'old' }, ['new', 'old']],
    ['a new value', { newValue: 'new', oldValue: null }, ['new']],
    ['an old value', { newValue: null, oldValue: 'old' }, ['old']],
  ])('is asked of the values in a table change with %s, not of its frame', (_name, change, expected) => {
    const asked: string[] = []
    const bytes = encodeChange({ ...change, isLatest: true }, string(), 'in', noHeaders)
    const value = serde((text) => void asked.push(text))
    expect(resolved({ value, changes: true }, bytes)).toBe(undefined)
    expect(asked).toEqual(expected)
  })

  test('is left to the decoding where a change is malformed', () => {
    const value = serde(() => {
      throw new Error('not asked')
    })
    expect(resolved({ value, changes: true }, new Uint8Array([99]))).toBe(undefined)
  })

  test.each([
    [
      'throws',
      (error: Error) => {
        throw error
      },
    ],
    ['rejects with', (error: Error) => Promise.reject(error)],
  ])('delays the partition where the serde %s a retriable error', async (_name, failing) => {
    const away = new MillraceError<'AWAY'>('AWAY', 'retriable', 'the registry is away')
    await expect(resolved({ key: serde(() => failing(away)) }, 'x')).rejects.toBe(away)
  })

  test.each([
    [
      'throws',
      (error: Error) => {
        throw error
      },
    ],
    ['rejects', (error: Error) => Promise.reject(error)],
  ])('is left to the decoding where the serde %s for good', async (_name, failing) => {
    await expect(resolved({ value: serde(() => failing(new Error('broken'))) }, 'x')).resolves.toBe(undefined)
  })
})
