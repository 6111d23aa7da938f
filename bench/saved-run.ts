import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../scripts/lab/folders.mjs'

/** One figure of a run, with a value for each round. */
export interface SavedFigure {
  /** The same in every run, such as `A, millrace view: CPU s per million, warm`. */
  readonly name: string
  readonly isBetter: 'higher' | 'lower'
  readonly values: readonly number[]
  /** The same of the raw program in the same rounds. */
  readonly raw?: readonly number[]
}

/** What `bench/results` keeps of a run of a bench. */
export interface SavedRun {
  readonly bench: string
  readonly date: string
  readonly machine: {
    readonly cores: number
    readonly model: string | undefined
    readonly memoryMegabytes: number
    readonly loadBefore: readonly number[]
    readonly loadAfter: readonly number[]
  }
  readonly versions: Readonly<Record<string, string>>
  /** How it was called. */
  readonly options: Readonly<Record<string, unknown>>
  readonly figures: readonly SavedFigure[]
}

const loadBefore = loadavg()
const folder = join(packageRoot(), 'bench', 'results')

/** Writes a run to `bench/results` and returns the path of its file. */
export function saveRun(run: Pick<SavedRun, 'bench' | 'options' | 'figures'>, versions = {}): string {
  const date = new Date().toISOString()
  const machine = {
    cores: cpus().length,
    model: cpus()[0]?.model,
    memoryMegabytes: Math.round(totalmem() / 2 ** 20),
    loadBefore,
    loadAfter: loadavg(),
  }
  const saved: SavedRun = {
    bench: run.bench,
    date,
    machine,
    versions: { node: process.version, millrace: commit(), ...versions },
    options: run.options,
    figures: run.figures,
  }
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${run.bench}-${date.slice(0, 16).replace(':', '-')}.json`)
  writeFileSync(file, `${JSON.stringify(saved, null, 1)}\n`)
  return file
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: packageRoot(), encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** Reads a file of `saveRun`. */
export function readRun(file: string): SavedRun {
  const run = JSON.parse(readFileSync(file, 'utf8')) as Partial<SavedRun>
  if (!Array.isArray(run.figures)) throw new Error(`${file} has no figures: it is not a run that a bench has saved`)
  return run as SavedRun
}
