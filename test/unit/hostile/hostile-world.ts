import { SimulatedWorld } from '../../../src/testing/simulator.ts'

/** Whatever happens to a record, its handler lets it go. */
export const continuing = {
  deserializationHandler: 'continue',
  processingHandler: 'continue',
  productionHandler: 'continue',
  deadLetterTopic: 'dead',
} as const

/** `in` is empty. */
export function newWorld(): SimulatedWorld {
  const world = new SimulatedWorld()
  world.createTopics({ in: 1, out: 1, dead: 1, table: 1 })
  return world
}

/** A bad record in `in`, and a good one behind it. */
export function badAndGood(): SimulatedWorld {
  const world = newWorld()
  world.write('in', [
    ['bad', 'bad'],
    ['good', 'good'],
  ])
  return world
}

/** How often the good record came to `out`. */
export function goods(world: SimulatedWorld): number {
  return world.read('out').filter(({ key }) => Buffer.from(key ?? []).toString() === 'good').length
}
