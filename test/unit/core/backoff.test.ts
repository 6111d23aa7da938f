import { describe, expect, test } from '@jest/globals'
import { Backoff } from '../../../src/core/backoff.ts'

describe('a backoff', () => {
  test('doubles up to its maximum, with a fifth of jitter either way', () => {
    const waits = (random: number) => {
      const backoff = new Backoff({ initialMs: 100, maxMs: 1000 }, () => random)
      return Array.from({ length: 6 }, () => Math.round(backoff.nextMs()))
    }
    expect(waits(0)).toEqual([80, 160, 320, 640, 800, 800])
    expect(waits(1)).toEqual([120, 240, 480, 960, 1200, 1200])
  })

  test('starts over after a success', () => {
    const backoff = new Backoff({ initialMs: 100, maxMs: 1000 }, () => 0.5)
    backoff.nextMs()
    backoff.nextMs()
    backoff.reset()
    expect(backoff.nextMs()).toBe(100)
  })
})
