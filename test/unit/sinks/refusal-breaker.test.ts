import { describe, expect, test } from '@jest/globals'
import { RefusalBreaker } from '../../../src/sinks/refusal-breaker.ts'

describe('the breaker of refusals', () => {
  test('believes a few refusals, whatever their share', () => {
    const breaker = new RefusalBreaker(0.5)
    breaker.note(0, 19)
    expect(breaker.isTripped).toBe(false)
    breaker.note(0, 1)
    expect(breaker.isTripped).toBe(true)
  })

  test('believes any number below the share', () => {
    const breaker = new RefusalBreaker(0.5)
    for (let round = 0; round < 100; round++) breaker.note(60, 40)
    expect(breaker.isTripped).toBe(false)
  })

  test('closes when enough was written', () => {
    const breaker = new RefusalBreaker(0.5)
    breaker.note(0, 30)
    breaker.note(0, 1000)
    expect(breaker.isTripped).toBe(true)
    breaker.note(30, 0)
    expect(breaker.isTripped).toBe(false)
  })

  test('forgets what was long ago', () => {
    const breaker = new RefusalBreaker(0.5)
    breaker.note(1_000_000, 0)
    breaker.note(0, 3000)
    expect(breaker.isTripped).toBe(true)
  })

  test('lets all be refused where that is asked for', () => {
    const breaker = new RefusalBreaker(1)
    breaker.note(0, 1000)
    expect(breaker.isTripped).toBe(false)
  })
})
