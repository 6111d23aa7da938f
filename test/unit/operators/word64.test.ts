import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Word64 } from '../../../src/operators/word64.ts'

const mask = (1n << 64n) - 1n
const word = fc.bigInt({ min: 0n, max: mask })

function from(value: bigint): Word64 {
  const made = new Word64()
  made.set(Number(value >> 32n), Number(value & 0xffffffffn))
  return made
}

function toBigInt({ high, low }: Word64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

/** Runs one operation on words and on BigInts. */
function agrees(work: (one: Word64, other: bigint) => void, expected: (one: bigint, other: bigint) => bigint): void {
  fc.assert(
    fc.property(word, word, (one, other) => {
      const worked = from(one)
      work(worked, other)
      expect(toBigInt(worked)).toBe(expected(one, other) & mask)
    }),
    { seed: 31, numRuns: 500 },
  )
}

describe('word of 64 bits', () => {
  test('adds', () => {
    agrees(
      (one, other) => one.add(from(other)),
      (one, other) => one + other,
    )
  })

  test('multiplies', () => {
    agrees(
      (one, other) => one.multiply(from(other).high, from(other).low),
      (one, other) => one * other,
    )
  })

  test('xors', () => {
    agrees(
      (one, other) => one.xor(from(other)),
      (one, other) => one ^ other,
    )
  })

  test.each([1, 27, 31, 33, 63])('rotates left by %i', (by) => {
    agrees(
      (one) => one.rotateLeft(by),
      (one) => (one << BigInt(by)) | (one >> BigInt(64 - by)),
    )
  })

  test('xors itself shifted right by 33', () => {
    agrees(
      (one) => one.xorShift33(),
      (one) => one ^ (one >> 33n),
    )
  })
})
