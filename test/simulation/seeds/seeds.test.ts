import { beforeAll, describe, expect, test } from '@jest/globals'
import { drawHistory } from '../../../bench/simulation/draw-history.ts'
import { type FaultKind, faultKinds } from '../../../bench/simulation/history.ts'
import { type Played, playHistory } from '../../../bench/simulation/play-history.ts'

/** SIMULATION_SEEDS plays more; `npm run simulate` plays as many as one likes, and prints the shortest history that fails. */
const seeds = Array.from({ length: Number(process.env['SIMULATION_SEEDS'] ?? 60) }, (_, index) => index + 1)
const twice = 20

const played = new Map<number, Played>()

beforeAll(async () => {
  for (const seed of seeds) played.set(seed, await playHistory(drawHistory(seed, { isQuick: true })))
}, 600_000)

test('the results of all seeds are those of a run without faults', () => {
  const wrong = [...played].filter(([, { wrong }]) => wrong.length > 0).map(([seed, { wrong }]) => ({ seed, wrong }))
  expect(wrong).toEqual([])
})

test('the same history is played in the same way each time', async () => {
  for (const seed of seeds.slice(0, twice)) {
    const { lines, trace } = await playHistory(drawHistory(seed, { isQuick: true }))
    const first = played.get(seed)
    expect({ seed, differs: lines.find((line, index) => line !== first?.lines[index]) }).toEqual({ seed })
    expect({ seed, trace }).toEqual({ seed, trace: first?.trace })
  }
})

describe.each(faultKinds)('%s', (kind: FaultKind) => {
  test('happens, and changes what the application does', async () => {
    const with_ = [...played].filter(([, { happened }]) => happened.has(kind)).map(([seed]) => seed)
    expect(with_.length).toBeGreaterThanOrEqual(Math.max(1, Math.floor(seeds.length / 40)))
    const [seed = 0] = with_
    const { trace } = await playHistory(drawHistory(seed, { isQuick: true, without: new Set([kind]) }))
    expect(trace).not.toBe(played.get(seed)?.trace)
  })
})
