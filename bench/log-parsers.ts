// `npm run bench -- log-parsers`: our pipelines beside other programs, on the same lines.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { benthos } from './log-parsers/benthos.ts'
import { buildPeers } from './log-parsers/built-peers.ts'
import { checkOutput } from './log-parsers/checked-output.ts'
import { writeLines } from './log-parsers/line-source.ts'
import { millrace } from './log-parsers/millrace.ts'
import { type Cost, type Peer, type SourceName, sourceNames } from './log-parsers/peer.ts'
import { rsyslog } from './log-parsers/rsyslog.ts'
import { vrl } from './log-parsers/vrl.ts'

interface Result {
  readonly source: SourceName
  readonly peer: string
  readonly linesPerSecond: number
  readonly cpuSecondsPerMillion: number
  /** Its processor time as a part of that of `millrace, auto`: below 1 it needs less than we do. */
  readonly cpuRatio: number
}

const {
  build,
  lines: linesText,
  rounds: roundsText,
  save,
  only,
} = new Command('npm run bench -- log-parsers')
  .description('Lines to JSON documents with fields, time and level: our pipelines, rsyslog, Benthos and VRL in turn.')
  .option('--lines <count>', 'of each source', '500000')
  .option('--rounds <count>', 'runs of each program; the median counts', '3')
  .option('--only <source>', `one of ${sourceNames.join(', ')}`)
  .option('--build', 'build the peers that are libraries, and end')
  .option('--no-save', 'do not write bench/results')
  .parse()
  .opts<{ build?: true; lines: string; rounds: string; save: boolean; only?: string }>()

if (build === true) {
  buildPeers()
  process.exit(0)
}
const [lines, rounds] = [Number(linesText), Number(roundsText)]
const loadBefore = loadavg()
const peers = [...millrace, rsyslog, benthos, vrl].filter(isInstalled)
const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
const results: Result[] = []
try {
  for (const source of sourceNames) if (only === undefined || only === source) results.push(...(await compare(source)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (save && only === undefined) saveResults()

function isInstalled({ name, version, install }: Peer): boolean {
  const found = version()
  console.log(found === undefined ? `${name} is not here: ${install}` : `${name} ${found}`)
  return found !== undefined
}

/** Programs run in turn, so that what else happens on the machine happens to all of them. */
async function compare(source: SourceName): Promise<readonly Result[]> {
  const input = join(folder, `${source}.log`)
  const levels = writeLines(source, lines, input)
  const costs = new Map<Peer, Cost[]>(peers.map((peer) => [peer, []]))
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      const own = join(folder, 'run')
      mkdirSync(own)
      const output = join(own, 'documents.jsonl')
      costs.get(peer)?.push(await peer.run({ source, lines, input, output, folder: own }))
      if (round === 0) checkOutput(output, levels)
      rmSync(own, { recursive: true })
    }
  }
  rmSync(input)
  const ours = median(costs.get(peers[0] as Peer) ?? [])
  console.log(`\n${source}, ${lines} lines, median of ${rounds}${' '.repeat(8)} lines/s   CPU s per million   of ours`)
  return peers.map((peer) => {
    const result = resultOf(source, peer, median(costs.get(peer) ?? []), ours)
    print(result)
    return result
  })
}

function median(costs: readonly Cost[]): Cost {
  const sorted = costs.toSorted((left, right) => left.cpuSeconds - right.cpuSeconds)
  return sorted[sorted.length >> 1] ?? { seconds: Number.NaN, cpuSeconds: Number.NaN }
}

function resultOf(source: SourceName, { name }: Peer, { seconds, cpuSeconds }: Cost, ours: Cost): Result {
  return {
    source,
    peer: name,
    linesPerSecond: Math.round(lines / seconds),
    cpuSecondsPerMillion: Number(((cpuSeconds / lines) * 1e6).toFixed(2)),
    cpuRatio: Number((cpuSeconds / ours.cpuSeconds).toFixed(2)),
  }
}

function print({ peer, linesPerSecond, cpuSecondsPerMillion, cpuRatio }: Result): void {
  const cells = [String(linesPerSecond).padStart(12), cpuSecondsPerMillion.toFixed(2).padStart(18), cpuRatio.toFixed(2)]
  console.log(`  ${peer.padEnd(34)}${cells[0]} ${cells[1]} ${(cells[2] ?? '').padStart(10)}`)
}

function saveResults(): void {
  const date = new Date().toISOString()
  const versions = Object.fromEntries(peers.map(({ name, version }) => [name, version()]))
  const machine = { node: process.version, cores: cpus().length, loadBefore, loadAfter: loadavg() }
  const result = { bench: 'peers', date, ...machine, versions, lines, rounds, results }
  mkdirSync('bench/results', { recursive: true })
  const file = `bench/results/peers-${date.slice(0, 10)}.json`
  writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`)
  console.log(`\nwritten to ${file}`)
}
