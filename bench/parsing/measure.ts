import type { CaseGroup, ParseCase } from './parse-case.ts'

export interface Effort {
  readonly records: number
  readonly rounds: number
}

/** Processor time for each record, in nanoseconds. */
export interface Row {
  readonly group: string
  readonly name: string
  readonly bytes: number
  readonly ns: number
  readonly newSourceNs?: number
}

/** All cases run before any is measured: call sites know many formats then, as in a worker that reads many. */
export function warmUp(groups: readonly CaseGroup[], records: number): void {
  for (const { run, runNewSource } of groups.flatMap(({ cases }) => cases)) {
    repeat(run, records)
    if (runNewSource !== undefined) repeat(runNewSource, records)
  }
}

/** The best of some rounds. */
export function measured(group: string, { name, bytes, run, runNewSource }: ParseCase, effort: Effort): Row {
  const row = { group, name, bytes, ns: bestNs(run, effort) }
  return runNewSource === undefined ? row : { ...row, newSourceNs: bestNs(runNewSource, effort) }
}

function bestNs(run: () => void, { records, rounds }: Effort): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage()
    repeat(run, records)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, ((user + system) * 1000) / records)
  }
  return Math.round(best)
}

function repeat(run: () => void, times: number): void {
  for (let index = 0; index < times; index++) run()
}
