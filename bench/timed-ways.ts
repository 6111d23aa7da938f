import { median } from './median.ts'
import { betweenBytes, type ValueBatch } from './value-batch.ts'

/** One way of reading the same values. */
export interface Way {
  readonly name: string
  readonly run: (batch: ValueBatch) => void
}

interface TimedRun {
  readonly ways: readonly Way[]
  readonly inputs: readonly ValueBatch[]
  readonly rounds: number
  /** How many results there were: what nobody uses may not be computed at all. */
  readonly used: () => number
  /** What the last column says, and how it is made of the time of a way and of the first one in the same round. */
  readonly column: string
  readonly ratio: (ns: number, firstNs: number) => number
}

/** Runs all ways in turn, round by round, and prints the median of each: the ratios hold where the times do not. */
export function printTimedWays({ ways, inputs, rounds, used, column, ratio }: TimedRun): void {
  const records = inputs.reduce((sum, { count }) => sum + count, 0)
  const nsOf = ({ run }: Way): number => {
    const before = process.cpuUsage()
    for (const batch of inputs) run(batch)
    const { user, system } = process.cpuUsage(before)
    return ((user + system) * 1000) / records
  }
  const costs = ways.map((): number[] => [])
  for (const way of ways) nsOf(way)
  for (let round = 0; round < rounds; round++) for (const [index, way] of ways.entries()) costs[index]?.push(nsOf(way))
  const [first = []] = costs
  const bytes = inputs.reduce((sum, batch) => sum + batch.bytes.length, 0) / records - betweenBytes
  console.log(`${bytes.toFixed(0)} bytes a record, ${used()} results, median of ${rounds} rounds`)
  console.log(`${'ns'.padStart(53)}  ${column}`)
  for (const [index, { name }] of ways.entries()) {
    const ns = costs[index] ?? []
    const ratios = ns.map((each, round) => ratio(each, first[round] ?? Number.NaN))
    console.log(`  ${name.padEnd(42)} ${median(ns).toFixed(0).padStart(8)} ${median(ratios).toFixed(2).padStart(8)}`)
  }
}
