import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { definition } from './definition.ts'
import type { AlertHistory } from './history.ts'
import { play } from './play.ts'
import { brokenRules } from './rules.ts'
import { seededHistory } from './seeded-history.ts'

const folder = join(import.meta.dirname, 'histories')
const seeds = Number(process.env.ALERT_SEEDS ?? 3)
const firstSeed = Number(process.env.ALERT_FIRST_SEED ?? 1)

function expectPlayed(history: AlertHistory): void {
  const problems = brokenRules(history, play(history, definition), definition)
  expect({ about: history.about, problems }).toEqual({ about: history.about, problems: [] })
}

describe('a history that was found once', () => {
  test.each(readdirSync(folder).sort())('%s', (name) => {
    expectPlayed(JSON.parse(readFileSync(join(folder, name), 'utf8')) as AlertHistory)
  })
})

describe('no notice is lost, invented, late or repeated without need', () => {
  test.each([
    ['without faults', false],
    ['with kills, handovers, old owners, changes that come again, and clocks that are set', true],
  ])('%s', (_, hasFaults) => {
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++) expectPlayed(seededHistory(seed, hasFaults))
  })
})
