import { describe, expect, test } from '@jest/globals'
import { account, addsUp, type InputRecord } from '../../../bench/ledger/account.ts'

function record(offset: number, identity?: string): InputRecord {
  return { topic: 't', partition: 0, offset, identity }
}

const records = [record(0, 'a'), record(1, 'a'), record(2), record(3, 'b')]

describe('the ledger', () => {
  test('adds up when every record was delivered, refused, or a repetition', () => {
    const one = account('t', records, new Set(['t-0-0', 't-0-3']), ['t-0-2'])
    expect(one).toMatchObject({ input: 4, delivered: 2, duplicatesDropped: 1, deadLetters: 1, missing: [] })
    expect(addsUp(one)).toBe(true)
  })

  test('finds a record that is nowhere', () => {
    const one = account('t', records, new Set(['t-0-0']), ['t-0-2'])
    expect(one.missing).toEqual([record(3, 'b')])
    expect(addsUp(one)).toBe(false)
  })

  test('does not take a repetition for dropped when the event was never delivered', () => {
    expect(account('t', records, new Set(['t-0-3']), ['t-0-2']).missing).toEqual([record(0, 'a'), record(1, 'a')])
  })

  test('finds a record that was delivered and refused', () => {
    expect(addsUp(account('t', records, new Set(['t-0-0', 't-0-3']), ['t-0-2', 't-0-3']))).toBe(false)
  })

  test('counts lines that the document of a line before them has', () => {
    const one = account(
      't',
      [0, 1, 2, 3].map((offset) => record(offset)),
      new Set(['t-0-0', 't-0-0~3', 't-0-3']),
      [],
    )
    expect(one).toMatchObject({ delivered: 2, joined: 2, missing: [] })
    expect(addsUp(one)).toBe(true)
  })

  test('counts lines of documents that were dropped and written to the topic of duplicates', () => {
    const lines = [0, 1, 2, 3, 4].map((offset) => record(offset))
    const dropped = new Set(['t-0-2', 't-0-2~2', 't-0-4'])
    const one = account('t', lines, new Set(['t-0-0', 't-0-0~2']), [], dropped)
    expect(one).toMatchObject({ delivered: 1, duplicatesDropped: 2, joined: 2, missing: [] })
    expect(addsUp(one)).toBe(true)
  })

  test('the ledger shows what was delivered or refused twice', () => {
    const one = account('t', records, new Set(['t-0-0', 't-0-1', 't-0-3']), ['t-0-2', 't-0-2'])
    expect([one.deliveredTwice, one.deadLettersTwice]).toEqual([1, 1])
  })
})
