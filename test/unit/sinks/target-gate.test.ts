import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../src/core/clock.ts'
import { TargetGate } from '../../../src/sinks/target-gate.ts'

function gateOf(inFlight: number): { gate: TargetGate; clock: ManualClock } {
  const clock = new ManualClock()
  const gate = new TargetGate({ inFlight, backoff: { initialMs: 100, maxMs: 1000 } }, clock, () => 0.5)
  return { gate, clock }
}

describe('the gate before a target', () => {
  test('lets as many requests through as are allowed, and another for each that left', () => {
    const { gate } = gateOf(2)
    expect([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()]).toEqual([true, true, false])
    gate.leave('taken')
    expect(gate.tryEnter()).toBe(true)
  })

  test('the gate is closed after a failure, then passes single requests until the target accepts one', () => {
    const { gate, clock } = gateOf(3)
    gate.tryEnter()
    gate.leave('overloaded')
    expect(gate.tryEnter()).toBe(false)
    clock.advance(100)
    expect([gate.tryEnter(), gate.tryEnter()]).toEqual([true, false])
    gate.leave('taken')
    expect([gate.tryEnter(), gate.tryEnter(), gate.tryEnter()]).toEqual([true, true, true])
  })

  test('counts requests that failed together as one failure', () => {
    const { gate } = gateOf(3)
    for (let count = 0; count < 3; count++) gate.tryEnter()
    for (let count = 0; count < 3; count++) gate.leave('overloaded')
    expect(gate.closedForMs).toBe(100)
  })

  test('stays closed for as long as the target asked', () => {
    const { gate } = gateOf(1)
    gate.tryEnter()
    gate.leave('overloaded', { code: 'X', reason: 'x', retryAfterMs: 7000 })
    expect(gate.closedForMs).toBe(7000)
  })

  test.each([3_600_000, 99_999_999_000, Number.MAX_VALUE])(
    'but no longer than a minute, when it asks for %d ms',
    (retryAfterMs) => {
      const { gate } = gateOf(1)
      gate.tryEnter()
      gate.leave('overloaded', { code: 'X', reason: 'x', retryAfterMs })
      expect(gate.closedForMs).toBe(60_000)
    },
  )

  test('calls its waiters when it opens', () => {
    const { gate, clock } = gateOf(1)
    gate.tryEnter()
    gate.leave('overloaded')
    let calls = 0
    gate.subscribe(() => calls++)
    clock.advance(99)
    expect(calls).toBe(0)
    clock.advance(1)
    expect(calls).toBe(1)
  })

  test('an aborted request says nothing about the target', () => {
    const { gate } = gateOf(1)
    gate.tryEnter()
    gate.leave('aborted')
    expect([gate.closedForMs, gate.tryEnter()]).toEqual([0, true])
  })

  test('knows how long the target has been silent, over failures, until it takes something', () => {
    const { gate, clock } = gateOf(2)
    expect(gate.silentForMs).toBe(0)
    for (let count = 0; count < 2; count++) gate.tryEnter()
    clock.advance(1000)
    gate.leave('overloaded')
    clock.advance(500)
    expect(gate.silentForMs).toBe(1500)
    gate.leave('taken')
    clock.advance(700)
    expect(gate.silentForMs).toBe(0)
  })

  test('the silence of a request in flight counts from the last accepted request', () => {
    const { gate, clock } = gateOf(2)
    for (let count = 0; count < 2; count++) gate.tryEnter()
    clock.advance(1000)
    gate.leave('taken')
    clock.advance(300)
    expect(gate.silentForMs).toBe(300)
    gate.leave('aborted')
    expect(gate.silentForMs).toBe(0)
  })
})
