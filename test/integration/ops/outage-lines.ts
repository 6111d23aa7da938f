import type { WorkerProcess } from '../fleet/fleet-rig.ts'

/** A log line about an outage, as far as this test looks at it. */
export interface OutageLine {
  readonly atMs: number
  /** How often it failed until then. */
  readonly count: number
}

/** The first line that a pattern finds, and all that follow about the same sink, broker or task. */
export function outageLines({ process }: WorkerProcess, pattern: RegExp): readonly OutageLine[] {
  const found = process.lines.flatMap(({ text, atMs }) => {
    if (!pattern.test(text)) return []
    const { task, sink, broker, tries, failures } = JSON.parse(text) as Readonly<Record<string, string | number>>
    return [{ subject: sink ?? broker ?? task, atMs, count: Number(tries ?? failures) }]
  })
  return found.filter(({ subject }) => subject === found[0]?.subject)
}
