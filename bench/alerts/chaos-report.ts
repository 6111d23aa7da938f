import type { ChaosResult } from './chaos-run.ts'

const shownMax = 10
/** From the append to the receiver, while nothing is broken. */
const latencyMaxMs = 5000

/** Sentences for notices that were lost, invented or repeated; none: all add up. */
export function lossesOf({ missing, invented, extraAgain, deadLetters }: ChaosResult): readonly string[] {
  return [
    ...listed('never came', missing),
    ...listed('came without an episode', invented),
    ...listed('came more than twice', extraAgain),
    ...(deadLetters > 0 ? [`${deadLetters} dead letters`] : []),
  ]
}

/** A sentence where notices took too long while nothing was broken. */
export function delaysOf({ calm: { p99Ms } }: ChaosResult): readonly string[] {
  return p99Ms > latencyMaxMs ? [`99 % of the notices took up to ${p99Ms} ms: the goal is ${latencyMaxMs} ms`] : []
}

/** The account as lines. */
export function chaosLines(result: ChaosResult): readonly string[] {
  const { logs, episodes, notices, extra, missing, invented, kills, rebalances, refusals, calm, all } = result
  const row = (name: string, text: string | number) => `${name.padEnd(38)}${text}`
  const times = ({ count, p50Ms, p99Ms, maxMs }: ChaosResult['all']) =>
    `p50 ${p50Ms} ms, p99 ${p99Ms} ms, longest ${maxMs} ms (${count} notices)`
  return [
    row('kill -9', kills),
    row('workers stopped and started', rebalances),
    row('requests that the receiver refused', refusals),
    row('logs', logs),
    row('episodes', episodes),
    row('notices', notices),
    row('extra, with the same id', extra),
    row('missing', missing.length),
    row('storms: notices without an episode', invented.length),
    row('append to receiver, nothing broken', times(calm)),
    row('append to receiver, all', times(all)),
  ]
}

function listed(what: string, ids: readonly string[]): readonly string[] {
  const more = ids.length > shownMax ? [`and ${ids.length - shownMax} more`] : []
  return [...ids.slice(0, shownMax).map((id) => `${id} ${what}`), ...more]
}
