import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { History } from '../../../bench/simulation/history.ts'
import { playHistory } from '../../../bench/simulation/play-history.ts'

const folder = join(import.meta.dirname, 'histories')

/** What the simulation has found, as data. */
const histories = readdirSync(folder).map((name) => {
  const history = JSON.parse(readFileSync(join(folder, name), 'utf8')) as History
  return [name, history.about ?? '', history] as const
})

test.each(histories)('%s: %s', async (_name, about, history) => {
  expect(about).not.toBe('')
  expect((await playHistory(history)).wrong).toEqual([])
})
