import { describe, expect, test } from '@jest/globals'
import { hashKey } from '../../../src/stores/byte-keys.ts'
import { KeyFilter } from '../../../src/stores/key-filter.ts'

const hashOf = (text: string) => hashKey(Buffer.from(text), text.length)

function filled(count: number): KeyFilter {
  const filter = new KeyFilter()
  for (let index = 0; index < count; index++) filter.add(hashOf(`added-${index}`))
  return filter
}

describe('a key filter', () => {
  test('may hold nothing before something is added', () => {
    expect(new KeyFilter().mayHold(hashOf('one'))).toBe(false)
  })

  test.each([1, 3000, 200_000])('may hold each of %d keys that were added', (count) => {
    const filter = filled(count)
    for (let index = 0; index < count; index++) {
      if (!filter.mayHold(hashOf(`added-${index}`))) throw new Error(`key ${index} is denied`)
    }
  })

  test.each([2048, 20_000, 200_000])('takes fewer than 2 of 100 others for one of %d keys', (count) => {
    const filter = filled(count)
    let taken = 0
    for (let index = 0; index < 10_000; index++) if (filter.mayHold(hashOf(`other-${index}`))) taken++
    expect(taken).toBeLessThan(200)
  })
})
