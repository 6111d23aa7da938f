import { describe, expect, test } from '@jest/globals'
import { checkHeap, memoryBudgetOf } from '../../../src/runtime/memory-budget.ts'
import { compileSettings } from '../../../src/runtime/settings.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'

const mebibyte = 1024 * 1024

describe('the memory budget', () => {
  test('is the setting, or else the limit of the container, or nothing', () => {
    const sizes = [
      memoryBudgetOf({ memoryMegabytesMax: 512 }, 1024 * mebibyte),
      memoryBudgetOf({ memoryMegabytesMax: 0 }, 1024 * mebibyte),
      memoryBudgetOf({}, undefined),
    ].map((budget) => budget?.bytesMax)
    expect(sizes).toEqual([512 * mebibyte, 1024 * mebibyte, undefined])
  })

  test('lowers the defaults of caches and buffers', () => {
    const { cacheBytesMax, fetchBufferedBytesMax, producerBufferedBytesMax } = compileSettings(
      { applicationId: 'a', memoryMegabytesMax: 200, threads: 2 },
      '',
    )
    expect([cacheBytesMax, fetchBufferedBytesMax, producerBufferedBytesMax].map((bytes) => bytes / mebibyte)).toEqual([
      5, 4, 8,
    ])
  })

  test('does not raise them', () => {
    const { cacheBytesMax, fetchBufferedBytesMax, producerBufferedBytesMax } = compileSettings(
      { applicationId: 'a', memoryMegabytesMax: 64_000 },
      '',
    )
    expect([cacheBytesMax, fetchBufferedBytesMax, producerBufferedBytesMax].map((bytes) => bytes / mebibyte)).toEqual([
      10, 8, 32,
    ])
  })

  test('leaves what is set', () => {
    const settings = compileSettings({ applicationId: 'a', memoryMegabytesMax: 64, cacheBytesMax: 20 * mebibyte }, '')
    expect(settings.cacheBytesMax).toBe(20 * mebibyte)
  })

  test('is refused below 64 MiB', () => {
    expect(() => compileSettings({ applicationId: 'a', memoryMegabytesMax: 63 }, '')).toThrow(
      'memoryMegabytesMax is 63: it must be at least 64, or 0 for the limit of the container',
    )
  })
})

describe('a heap', () => {
  const budget = memoryBudgetOf({ memoryMegabytesMax: 500 })

  test('that does not fit is named with the value that does', () => {
    const logger = new RecordingLogger()
    checkHeap(budget, logger, 2048 * mebibyte)
    expect(logger.at('warn').map(({ message }) => message)).toEqual([
      'the heap may take 2048 MiB, and the process has 500 MiB for everything: start Node with --max-old-space-size=300',
    ])
  })

  test('that fits is not', () => {
    const logger = new RecordingLogger()
    checkHeap(budget, logger, 400 * mebibyte)
    expect(logger.at('warn')).toEqual([])
  })
})
