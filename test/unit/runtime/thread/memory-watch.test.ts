import { describe, expect, test } from '@jest/globals'
import { ManualClock } from '../../../../src/core/clock.ts'
import { ownMemoryBytes } from '../../../../src/core/own-memory.ts'
import { memoryBudgetOf } from '../../../../src/runtime/memory-budget.ts'
import { MemoryWatch } from '../../../../src/runtime/thread/memory-watch.ts'
import { RecordingLogger } from '../../../support/recording-logger.ts'

const mebibyte = 1024 * 1024
const budget = memoryBudgetOf({ memoryMegabytesMax: 100 })

describe('memory', () => {
  test('is short when 90 % of the budget are used, until it is less', () => {
    const clock = new ManualClock()
    let usedMegabytes = 90
    const watch = new MemoryWatch(budget, clock, new RecordingLogger(), () => usedMegabytes * mebibyte)
    const looks = [90, 91, 95, 80].map((megabytes) => {
      usedMegabytes = megabytes
      clock.advance(250)
      return watch.isShort
    })
    expect(looks).toEqual([false, true, true, false])
  })

  test('is read at most every 250 ms', () => {
    const clock = new ManualClock()
    let reads = 0
    const watch = new MemoryWatch(budget, clock, new RecordingLogger(), () => ++reads)
    for (let ms = 0; ms < 1000; ms++) {
      void watch.isShort
      clock.advance(1)
    }
    expect(reads).toBe(4)
  })

  test('that stays short is logged once per minute', () => {
    const clock = new ManualClock()
    const logger = new RecordingLogger()
    const watch = new MemoryWatch(budget, clock, logger, () => 100 * mebibyte)
    for (let seconds = 0; seconds < 90; seconds++) {
      void watch.isShort
      clock.advance(1000)
    }
    expect(logger.at('warn').map(({ fields }) => fields)).toEqual([
      { usedMegabytes: 100, memoryMegabytesMax: 100 },
      { usedMegabytes: 100, memoryMegabytesMax: 100 },
    ])
  })

  test('is never short without a budget, and not read', () => {
    const read = (): number => {
      throw new Error('read')
    }
    expect(new MemoryWatch(undefined, new ManualClock(), new RecordingLogger(), read).isShort).toBe(false)
  })

  test('of this process is what it holds itself', () => {
    const before = ownMemoryBytes()
    const held = Buffer.alloc(128 * mebibyte, 1)
    expect(ownMemoryBytes() - before).toBeGreaterThan(32 * mebibyte)
    expect(held).toHaveLength(128 * mebibyte)
  })
})
