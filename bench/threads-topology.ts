import { defineTopology, string } from '../src/index.ts'
import { systemClock } from '../src/core/clock.ts'

const texts = { key: string(), value: string() }
/** How long a function computes for each record. */
const workMs = Number(process.env.WORK_MICROSECONDS ?? 20) / 1000

/** A record is counted by key after a function has computed for a while: what a core is needed for. */
export default defineTopology('threads', (builder) => {
  builder
    .stream('in', texts)
    .mapValues((value) => {
      for (const endMs = systemClock.monotonicMs() + workMs; systemClock.monotonicMs() < endMs; );
      return value
    })
    .groupByKey()
    .count({ store: 'counts' })
})
