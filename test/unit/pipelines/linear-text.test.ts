import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readCases } from '../../../bench/logcases/log-case.ts'
import { LogEvent } from '../../../src/pipelines/index.ts'
import { createTextReader } from '../../../src/pipelines/presets/text/read-text.ts'
import { bestOfMs } from '../../support/best-of.ts'
import { hostileLines } from '../../support/hostile-lines.ts'

const folder = join(import.meta.dirname, '../../data/logcases')
const lines = readdirSync(folder)
  .flatMap((name) => readCases(join(folder, name)))
  .filter(({ source }) => source.startsWith('own:'))
const mebibyte = 1024 * 1024

describe('a line of 1 MiB', () => {
  test.each(lines.map(({ source, input }) => [source, String(input)]))(
    'that is nearly one of %s is read within 50 ms',
    (_, line) => {
      const slow: string[] = []
      for (const hostile of hostileLines(line, mebibyte)) {
        const tookMs = bestOfMs(() => {
          createTextReader().read(new LogEvent(hostile, 0, 'source'), hostile)
        }, 50)
        if (tookMs > 50) slow.push(`${tookMs.toFixed(0)} ms: ${hostile.slice(0, 80)}`)
      }
      expect(slow).toEqual([])
    },
  )
})
