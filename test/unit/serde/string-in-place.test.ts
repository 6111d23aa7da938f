import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { noHeaders } from '../../../src/core/headers.ts'
import { string } from '../../../src/serde/primitives.ts'

/** What the serde makes of bytes, as a view of their own and among others: the text, or why it is refused. */
function outcomes(bytes: Buffer, before: Buffer, after: Buffer): readonly string[] {
  const serde = string()
  const whole = Buffer.concat([before, bytes, after])
  const outcome = (read: () => string | undefined) => {
    try {
      return `read ${read()}`
    } catch (error) {
      return (error as Error).message
    }
  }
  return [
    outcome(() => serde.deserialize(bytes, 't', noHeaders)),
    outcome(() => serde.deserializeRange?.(whole, before.length, before.length + bytes.length, 't', noHeaders)),
  ]
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
      for (let index = 0; index < 20_000; index++) {
        const bytes = Buffer.from(`k${index}`)
        expect(string().deserializeRange?.(bytes, 0, bytes.length, 't', noHeaders)).toBe(`k${index}`)
      }
    }
  })
})
