import { existsSync, readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { wholeNumber } from '../whole-number.ts'
import { drawHistory, type DrawOptions } from './draw-history.ts'
import { type FaultKind, faultKinds, type History } from './history.ts'
import { playHistory } from './play-history.ts'
import { shrinkHistory } from './shrink-history.ts'

const command = new Command('npm run simulate --')
  .description(
    'Real stream threads on a cluster in memory, with a clock that the simulation moves. Each seed draws a topology, its input and what goes wrong; the results are compared with a model that knows no faults.',
  )
  .option('--seeds <count>', 'how many histories are drawn', wholeNumber(), 200)
  .option('--from <seed>', 'the first seed', wholeNumber(), 1)
  .option('--without <faults>', `kinds of faults to leave out, with commas: ${faultKinds.join(', ')}`, kinds)
  .option('--quick', 'less input per history')
  .option('--history <json>', 'plays this history, or the one in this file, instead')
  .parse()

interface Options {
  readonly seeds: number
  readonly from: number
  readonly without?: ReadonlySet<FaultKind>
  readonly quick?: boolean
  readonly history?: string
}

const options = command.opts<Options>()
process.exit((await (options.history === undefined ? playSeeds(options) : playText(options.history))) ? 0 : 1)

async function playText(text: string): Promise<boolean> {
  const history = JSON.parse(existsSync(text) ? readFileSync(text, 'utf8') : text) as History
  const { wrong, happened, trace } = await playHistory(history)
  say(`trace ${trace}; ${[...happened].map(([kind, times]) => `${kind} ${times}`).join(', ')}`)
  for (const fault of wrong) say(`WRONG ${fault}`)
  if (wrong.length === 0) say('the results are right')
  return wrong.length === 0
}

async function playSeeds({ seeds, from, without, quick }: Options): Promise<boolean> {
  const startedMs = performance.now()
  const draw: DrawOptions = { ...(without && { without }), ...(quick && { isQuick: quick }) }
  const seen = new Map<FaultKind, number>()
  const failed: number[] = []
  for (let seed = from; seed < from + seeds; seed++) {
    const history = drawHistory(seed, draw)
    const { wrong, happened } = await playHistory(history)
    for (const kind of happened.keys()) seen.set(kind, (seen.get(kind) ?? 0) + 1)
    if (wrong.length > 0) {
      failed.push(seed)
      await tell(history, wrong)
    }
    const played = seed - from + 1
    if (played % 100 === 0 || played === seeds)
      say(`${played} histories in ${seconds(startedMs)} s, ${failed.length} with wrong results`)
  }
  say('histories in which a fault changed what happens:')
  for (const kind of faultKinds) say(`  ${kind.padEnd(10)} ${seen.get(kind) ?? 0}`)
  if (failed.length > 0) say(`WRONG RESULTS of seeds ${failed.join(', ')}`)
  else say('the results of all histories are right')
  return failed.length === 0
}

async function tell(history: History, wrong: readonly string[]): Promise<void> {
  say(`seed ${history.seed}:`)
  for (const fault of wrong) say(`  WRONG ${fault}`)
  const shortest = await shrinkHistory(history, async (candidate) => (await playHistory(candidate)).wrong.length > 0)
  say(`  the shortest history that is wrong too, for --history:\n${JSON.stringify(shortest)}`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function seconds(sinceMs: number): number {
  return Math.round((performance.now() - sinceMs) / 1000)
}

function kinds(text: string): ReadonlySet<FaultKind> {
  const names = text.split(',').filter((name) => name !== '')
  const unknown = names.find((name) => !(faultKinds as readonly string[]).includes(name))
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no fault ${unknown}.`)
  return new Set(names as FaultKind[])
}
