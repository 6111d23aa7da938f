import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One run of the test bench of SKAB: eight sensors, one row per second. */
export interface SensorRun {
  readonly name: string
  readonly features: readonly string[]
  /** Row by row. */
  readonly values: Float64Array
  /** Whether each row is labelled as part of an anomaly. */
  readonly labels: readonly boolean[]
}

/** The published protocol: models learn from so many first rows of a run, and judge the rest. */
export const trainingRows = 400

/** The runs with anomalies of a checkout of SKAB; undefined where the folder is none. */
export function readSkab(folder: string): readonly SensorRun[] | undefined {
  const parts = ['other', 'valve1', 'valve2'].map((name) => join(folder, 'data', name))
  if (!parts.every((part) => existsSync(part))) return undefined
  return parts.flatMap((part) =>
    readdirSync(part)
      .filter((name) => name.endsWith('.csv'))
      .toSorted()
      .map((name) => readRun(join(part, name))),
  )
}

/** How well the rows of all runs together were told apart. */
export interface RowFigures {
  readonly f1: number
  /** Of the rows without an anomaly, the share that was found. */
  readonly falseAlarmShare: number
  /** Of the rows of anomalies, the share that was missed. */
  readonly missedShare: number
}

/** Compares what was found with the labels, row by row. `found`: for each run, one per row after the training. */
export function rowFigures(runs: readonly SensorRun[], found: readonly (readonly boolean[])[]): RowFigures {
  let [right, wrong, missed, silent] = [0, 0, 0, 0]
  for (const [index, { labels }] of runs.entries()) {
    for (const [row, isFound] of (found[index] ?? []).entries()) {
      const isAnomaly = labels[trainingRows + row] as boolean
      if (isFound && isAnomaly) right++
      else if (isFound) wrong++
      else if (isAnomaly) missed++
      else silent++
    }
  }
  return {
    f1: right / (right + (wrong + missed) / 2),
    falseAlarmShare: wrong / (wrong + silent),
    missedShare: missed / (missed + right),
  }
}

function readRun(file: string): SensorRun {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/)
  const columns = header.split(';')
  const features = columns.slice(1, columns.indexOf('anomaly'))
  const rows = lines.map((line) => line.split(';').slice(1).map(Number))
  const labels = rows.map((row) => row[columns.indexOf('anomaly') - 1] === 1)
  return {
    name: file,
    features,
    values: Float64Array.from(rows.flatMap((row) => row.slice(0, features.length))),
    labels,
  }
}
