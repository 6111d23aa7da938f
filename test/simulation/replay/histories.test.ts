import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { play, type ReplayHistory } from './history.ts'
import { seededHistory } from './seeded-history.ts'
import { topologies } from './topologies.ts'

const folder = join(import.meta.dirname, 'histories')
const seeds = Number(process.env.REPLAY_SEEDS ?? 2)
const firstSeed = Number(process.env.REPLAY_FIRST_SEED ?? 1)

/** A history that was found once, with what came of it. */
interface FoundHistory extends ReplayHistory {
  readonly expected: { readonly results: number; readonly hash: string }
}

/** Nothing is lost, nothing is there that no kill explains, and without a kill all is equal. */
async function expectPlayed(history: ReplayHistory) {
  const { account, ...played } = await play(history)
  const { lost, unexplained, repeated, samples } = account
  const isKilled = history.faults.some(({ kind }) => kind === 'kill')
  const isExact = !isKilled || topologies[history.topology]?.isExactAfterKill === true
  const problems = { lost, unexplained: isExact ? unexplained : 0, repeated: isKilled ? 0 : repeated }
  const none = { lost: 0, unexplained: 0, repeated: 0 }
  const shown = lost + (isExact ? unexplained : 0) > 0 ? samples : []
  expect({ history, problems, samples: shown, liveIsUntouched: played.liveIsUntouched }).toEqual({
    history,
    problems: none,
    samples: [],
    liveIsUntouched: true,
  })
  return played
}

describe('a replay that was found once', () => {
  test.each(readdirSync(folder).sort())('%s', async (name) => {
    const { expected, ...history } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as FoundHistory
    const { results, hash } = await expectPlayed(history)
    expect({ results, hash }).toEqual(expected)
  })
})

describe('a replay with kills, pauses and processes that come and go gives the results of the live run', () => {
  test.each(Object.keys(topologies))(
    'for %s',
    async (name) => {
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) await expectPlayed(seededHistory(seed, name))
    },
    600_000,
  )
})
