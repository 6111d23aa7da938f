import { topics } from '../../fleet/topics.ts'
import type { FleetLab } from './fleet-lab.ts'
import { readDocuments } from './search-witness.ts'

/** How many of the lines that carry a time or a level were read with it, by the ledger's own idea of both. */
export interface ParsedShares {
  readonly lines: readonly string[]
  /** The lesser of the two shares over all files. */
  readonly least: number
}

interface Tally {
  carry: number
  read: number
}

const anyTime = /\d{1,2}:\d{2}:\d{2}|\b\d{6} \d{6}\b|\b1[0-9]{9}\b|\d{8}-\d{1,2}:\d{1,2}/
const anyLevel =
  /(?:^|[\s[|:-])(DEBUG|INFO|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)(?:[\s\]|:,-]|$)|\[(debug|info|notice|warn|error|crit|alert|emerg)\]/
const levels: Readonly<Record<string, string>> = {
  notice: 'info',
  warning: 'warn',
  severe: 'error',
  fatal: 'critical',
  crit: 'critical',
  alert: 'critical',
  emerg: 'critical',
}

export async function parsedShares(lab: FleetLab): Promise<ParsedShares> {
  const found = new Map<string, Readonly<Record<string, unknown>>>()
  await readDocuments(lab.searchUrl, 'fastmcp-logs-*', ({ _id, _source }) => found.set(_id, _source ?? {}), [
    'level',
    'timeSource',
  ])
  const times = new Map<string, Tally>()
  const words = new Map<string, Tally>()
  const topic = topics.application.name
  await lab.kafka.readAll(topic, (partition, { key, value, offset }) => {
    const document = found.get(`${topic}-${partition}-${offset}`)
    if (document === undefined) return
    const line = String(value).slice(0, 100)
    const file = String(key)
    if (anyTime.test(line.slice(0, 60))) count(times, file, document.timeSource === 'event')
    const word = anyLevel.exec(line)
    if (word !== null) {
      const name = (word[1] ?? word[2] ?? '').toLowerCase()
      count(words, file, document.level === (levels[name] ?? name))
    }
  })
  return summary(times, words)
}

function count(tallies: Map<string, Tally>, file: string, isRead: boolean): void {
  const tally = tallies.get(file) ?? { carry: 0, read: 0 }
  tally.carry++
  if (isRead) tally.read++
  tallies.set(file, tally)
}

function summary(times: ReadonlyMap<string, Tally>, words: ReadonlyMap<string, Tally>): ParsedShares {
  const share = (tally: Tally | undefined): string =>
    tally === undefined
      ? 'none'
      : `${tally.read} of ${tally.carry} (${((100 * tally.read) / tally.carry).toFixed(1)} %)`
  const files = [...new Set([...times.keys(), ...words.keys()])].sort()
  const total = (tallies: ReadonlyMap<string, Tally>): number => {
    const all = [...tallies.values()].reduce(
      (sum, one) => ({ carry: sum.carry + one.carry, read: sum.read + one.read }),
      { carry: 0, read: 0 },
    )
    return all.carry === 0 ? 1 : all.read / all.carry
  }
  return {
    least: Math.min(total(times), total(words)),
    lines: files.map((file) => `${file}: times ${share(times.get(file))}, levels ${share(words.get(file))}`),
  }
}
