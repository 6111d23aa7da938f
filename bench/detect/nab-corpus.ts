import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from '../median.ts'
import type { LabelledPoints } from './detector-run.ts'
import type { ScoredSeries } from './nab-score.ts'
import type { Point } from './synthetic-corpus.ts'

/** The series of a checkout of NAB, or of a folder of that form; undefined where there is none. */
export function readNab(folder: string): readonly LabelledPoints[] | undefined {
  const labels = join(folder, 'labels', 'combined_windows.json')
  if (!existsSync(labels)) return undefined
  const windowsByFile = JSON.parse(readFileSync(labels, 'utf8')) as Record<string, [string, string][]>
  return Object.entries(windowsByFile)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, windows]) => {
      const points = rowsOf(join(folder, 'data', name)).map(([time = '', value]) => ({
        timeMs: timeOf(time),
        value: Number(value),
      }))
      const places = new Map(points.map(({ timeMs }, row) => [timeMs, row]))
      return { name, intervalMs: intervalOf(points), points, windows: windows.map((window) => rowsIn(window, places)) }
    })
}

/** The scores that a detector's folder below `results` has for each series. */
export function readResults(folder: string, detector: string, nab: readonly LabelledPoints[]): readonly ScoredSeries[] {
  return nab.map(({ name, windows }) => {
    const file = join(folder, 'results', detector, name.replace('/', `/${detector}_`))
    return { name, windows, scores: rowsOf(file).map((row) => Number(row[2])) }
  })
}

/** The detectors of which the folder has results for all series. */
export function detectorsIn(folder: string, nab: readonly LabelledPoints[]): readonly string[] {
  const results = join(folder, 'results')
  if (!existsSync(results)) return []
  return readdirSync(results).filter((detector) =>
    nab.every(({ name }) => existsSync(join(results, detector, name.replace('/', `/${detector}_`)))),
  )
}

/** Thresholds and scores that NAB publishes: detector, then the name of a profile. */
export interface Published {
  readonly thresholds: Readonly<Record<string, Readonly<Record<string, { readonly threshold: number }>>>>
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>
}

/** What NAB publishes; undefined where the folder has none of it. */
export function readPublished(folder: string): Published | undefined {
  const thresholds = join(folder, 'config', 'thresholds.json')
  const scores = join(folder, 'results', 'final_results.json')
  if (!existsSync(thresholds) || !existsSync(scores)) return undefined
  return {
    thresholds: JSON.parse(readFileSync(thresholds, 'utf8')),
    scores: JSON.parse(readFileSync(scores, 'utf8')),
  }
}

/** All rows but the header. */
function rowsOf(file: string): string[][] {
  const lines = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/)
  return lines.slice(1).map((line) => line.split(','))
}

function timeOf(text: string): number {
  return Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)
}

function intervalOf(points: readonly Point[]): number {
  const distances = points.slice(1).map(({ timeMs }, row) => timeMs - (points[row] as Point).timeMs)
  return median(distances)
}

function rowsIn([first, last]: readonly [string, string], places: ReadonlyMap<number, number>): [number, number] {
  const [from, to] = [places.get(timeOf(first)), places.get(timeOf(last))]
  if (from === undefined || to === undefined) throw new Error(`no row has the time ${first} or ${last}`)
  return [from, to]
}
