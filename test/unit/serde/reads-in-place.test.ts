import { expect, test } from '@jest/globals'
import { jsonView, type Serde, string } from '../../../src/index.ts'
import { readsInPlace } from '../../../src/serde/reads-in-place.ts'

const ownDeserialize = { deserialize: () => 'own' }

test.each<[string, Serde<never>]>([
  ['texts', string() as Serde<never>],
  ['views', jsonView<{ readonly a: string }>({ a: 'string' }) as unknown as Serde<never>],
])('%s are read in place', (_, serde) => {
  expect(readsInPlace(serde)).toBe(true)
})

test('a copy of a serde with a deserialize of its own is read by that alone', () => {
  expect(readsInPlace({ ...string(), ...ownDeserialize })).toBe(false)
})

test('an object that inherits from a serde and has a deserialize of its own is read by that alone', () => {
  expect(readsInPlace(Object.assign(Object.create(string()) as Serde<string>, {}))).toBe(true)
  const derived = Object.defineProperty(Object.create(string()) as Serde<string>, 'deserialize', {
    value: ownDeserialize.deserialize,
  })
  expect(readsInPlace(derived)).toBe(false)
})
