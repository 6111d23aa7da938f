import { setTimeout as sleep } from 'node:timers/promises'
import { compareResults, type ResultVerdict } from './compare-results.ts'
import type { Guarantee } from '../kafka-streams/peer-application.ts'
import type { ShopLab } from './shop-lab.ts'

export interface TurnsOptions {
  readonly lab: ShopLab
  readonly recordsPerTurn: number
  readonly say: (line: string) => void
}

/** What an application that two engines ran by turns has done. */
export interface TurnsResult {
  readonly applicationId: string
  readonly engine: string
  readonly verdicts: readonly ResultVerdict[]
}

const engines = ['java', 'millrace', 'java', 'millrace'] as const
const guarantees: Readonly<Record<string, Guarantee>> = {
  'turns-once': 'exactly-once',
  'turns-least': 'at-least-once',
}
const turnSeconds = 4

/**
 * Java, millrace, Java, millrace: each is closed in the middle of its input, and the next continues. Then each engine
 * processes all of it alone.
 */
export async function runTurns({ lab, recordsPerTurn, say }: TurnsOptions): Promise<readonly TurnsResult[]> {
  const ids = Object.keys(guarantees)
  for (const id of ids) await lab.createOutputs(id)
  for (const [turn, engine] of engines.entries()) {
    const before = await Promise.all(ids.map((id) => lab.committed(id)))
    const writing = lab.input.write(recordsPerTurn / turnSeconds, recordsPerTurn)
    const start = (applicationId: string) =>
      lab.start(engine, engine, { applicationId, guarantee: guarantees[applicationId] as Guarantee })
    const applications = await Promise.all(ids.map(start))
    if (turn === engines.length - 1) {
      await writing
      await lab.input.close()
      for (const id of ids) await lab.settled(id)
    } else await untilHalf(lab, ids, before, recordsPerTurn)
    await Promise.all(applications.map((application) => application.close()))
    await writing
    const after = await Promise.all(ids.map((id) => lab.committed(id)))
    const counts = ids.map((id, index) => `${Number(after[index]) - Number(before[index])} of ${id}`)
    say(`turn ${turn + 1}: ${engine} has processed ${counts.join(', ')}; ${lab.input.written} records are written`)
  }
  const [java, millrace] = await Promise.all([lab.alone('java', 'turns-java'), lab.alone('millrace', 'turns-millrace')])
  say('each engine has processed all of it alone')
  const results = ids.map(async (id) => {
    const found = await lab.results(id)
    return [
      { applicationId: id, engine: 'java', verdicts: compareResults(java, found) },
      { applicationId: id, engine: 'millrace', verdicts: compareResults(millrace, found) },
    ]
  })
  return (await Promise.all(results)).flat()
}

/** Half of a turn's records, so that input is left for the next. */
async function untilHalf(lab: ShopLab, ids: readonly string[], before: readonly number[], records: number) {
  const deadlineMs = performance.now() + 120_000
  for (;;) {
    const committed = await Promise.all(ids.map((id) => lab.committed(id)))
    if (committed.every((count, index) => count - Number(before[index]) >= records / 2)) return
    if (performance.now() > deadlineMs) throw new Error(`a turn has processed ${committed.join(' and ')} in all`)
    await sleep(100)
  }
}
