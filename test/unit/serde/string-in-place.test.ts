import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { noHeaders } from '../../../src/core/headers.ts'
import { rangesOf } from '../../support/byte-ranges.ts'
import { string } from '../../../src/serde/primitives.ts'

/** What the serde makes of bytes, as a view of their own and among others: the text, or why it is refused. */
function outcomes(bytes: Buffer, before: Buffer, after: Buffer): readonly string[] {
  const serde = string()
  const reader = serde.readBatch?.(rangesOf([bytes], before, after), 't')
  const outcome = (read: () => string | undefined) => {
    try {
      return `read ${read()}`
    } catch (error) {
      return (error as Error).message
    }
  }
  return [outcome(() => serde.deserialize(bytes, 't', noHeaders)), outcome(() => reader?.read(0, noHeaders))]
}

describe('a text is the same where it lies among others', () => {
  const neighbor = fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes))

  test('whatever its bytes are', () => {
    const bytes = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array)),
    )
    fc.assert(
      fc.property(bytes, neighbor, neighbor, (text, before, after) => {
        const [alone, among] = outcomes(text, before, after)
        expect(among).toBe(alone)
      }),
      { numRuns: 2000 },
    )
  })

  test('when many short texts share the places that are kept', () => {
    for (let round = 0; round < 2; round++) {
      const texts = Array.from({ length: 20_000 }, (_, index) => `k${index}`)
      const none = Buffer.of()
      const reader = string().readBatch?.(
        rangesOf(
          texts.map((text) => Buffer.from(text)),
          none,
          none,
        ),
        't',
      )
      for (const [index, text] of texts.entries()) expect(reader?.read(index, noHeaders)).toBe(text)
    }
  })
})
