import { describe, expect, test } from '@jest/globals'
import type { ProcessRow } from '../../../src/replay/ledger.ts'
import { Peers } from '../../../src/replay/peers.ts'

function row(atMs: number): ProcessRow {
  return { atMs, nextMs: {}, released: 0, recordsPerSecond: 0, outputs: {} }
}

describe('the other processes of a replay', () => {
  test('are ignored until their rows change: one that was killed is ahead of its commits', () => {
    const peers = new Peers()
    expect(peers.heard(new Map([['gone', row(5)]]), 0)).toEqual([])
    expect(peers.heard(new Map([['gone', row(5)]]), 250)).toEqual([])
  })

  test('count as soon as their rows change, whatever their clocks say', () => {
    const peers = new Peers()
    peers.heard(new Map([['other', row(5)]]), 0)
    expect(peers.heard(new Map([['other', row(-900_000)]]), 250)).toEqual([row(-900_000)])
  })

  test('have a share of the throttle until they are silent', () => {
    const peers = new Peers()
    for (const atMs of [1, 2])
      peers.heard(
        new Map([
          ['one', row(atMs)],
          ['other', row(atMs)],
        ]),
        atMs,
      )
    expect(peers.count(100)).toBe(2)
    expect(peers.count(20_000)).toBe(1)
  })
})
