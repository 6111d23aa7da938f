import { describe, expect, test } from '@jest/globals'
import { long, string } from '../../../src/index.ts'
import {
  subscriptionInstruction,
  subscriptionResponseSerde,
  subscriptionSerde,
} from '../../../src/topology/foreign-key-message.ts'

const hash = Uint8Array.from({ length: 16 }, (_, index) => index)
const hashHex = '000102030405060708090a0b0c0d0e0f'
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('a subscription', () => {
  const serde = subscriptionSerde(string(), 'orders-pk')

  test('is version 1: instruction, hash, primary key, partition', () => {
    const subscription = {
      hash,
      instruction: subscriptionInstruction.answerIfFound,
      primaryKey: 'ab',
      primaryPartition: 258,
    }
    const bytes = serde.serialize(subscription, 'topic', [])
    expect(hex(bytes)).toBe(`0103${hashHex}616200000102`)
    expect(serde.deserialize(bytes, 'topic', [])).toEqual(subscription)
  })

  test('marks a missing hash in its first byte', () => {
    const subscription = {
      hash: null,
      instruction: subscriptionInstruction.deleteAndAnswer,
      primaryKey: 'a',
      primaryPartition: 0,
    }
    const bytes = serde.serialize(subscription, 'topic', [])
    expect(hex(bytes)).toBe('81016100000000')
    expect(serde.deserialize(bytes, 'topic', [])).toEqual(subscription)
  })

  test('of version 0 has no partition', () => {
    const bytes = Buffer.from('800261', 'hex')
    expect(serde.deserialize(bytes, 'topic', [])).toMatchObject({ primaryKey: 'a', primaryPartition: undefined })
  })
})

describe('a response', () => {
  const serde = subscriptionResponseSerde(long())

  test('is version 0: hash, foreign value', () => {
    const bytes = serde.serialize({ hash, foreignValue: 1, primaryPartition: 3 }, 'topic', [])
    expect(hex(bytes)).toBe(`00${hashHex}0000000000000001`)
    expect(serde.deserialize(bytes, 'topic', [])).toEqual({ hash, foreignValue: 1, primaryPartition: undefined })
  })

  test('may have neither', () => {
    const bytes = serde.serialize({ hash: null, foreignValue: null, primaryPartition: 3 }, 'topic', [])
    expect(hex(bytes)).toBe('80')
    expect(serde.deserialize(bytes, 'topic', [])).toMatchObject({ hash: null, foreignValue: null })
  })
})
