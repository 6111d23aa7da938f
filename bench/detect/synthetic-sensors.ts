import { Random } from './random.ts'
import type { SensorRun } from './skab-corpus.ts'

const featureCount = 8
const factorCount = 3
const rowCount = 1200
const kinds = ['shift', 'break', 'freeze', 'swing'] as const

/** Runs of eight sensors that follow three causes, with one incident in each after the first rows. */
export function syntheticSensors(firstSeed: number, count: number): readonly SensorRun[] {
  return Array.from({ length: count }, (_, index) => runOf(firstSeed + index, kinds[index % kinds.length] as Kind))
}

type Kind = (typeof kinds)[number]

function runOf(seed: number, kind: Kind): SensorRun {
  const random = new Random(seed)
  const loads = Array.from({ length: featureCount * factorCount }, () => random.normal())
  const [first, sensor] = [random.whole(550, 800), random.whole(0, featureCount - 1)]
  const last = first + random.whole(150, 300)
  const causes = new Array<number>(factorCount).fill(0)
  const values = new Float64Array(rowCount * featureCount)
  const labels: boolean[] = []
  for (let row = 0; row < rowCount; row++) {
    const isAnomaly = row >= first && row <= last
    labels.push(isAnomaly)
    for (const [cause, value] of causes.entries()) {
      const keep = kind === 'swing' && isAnomaly ? -0.95 : 0.95
      causes[cause] = keep * value + 0.31 * random.normal()
    }
    for (let feature = 0; feature < featureCount; feature++) {
      const value = causes.reduce(
        (sum, cause, index) => sum + cause * (loads[feature * factorCount + index] as number),
        0,
      )
      const changed =
        isAnomaly && feature === sensor ? changedBy(kind, value, values[first * featureCount + sensor] ?? 0) : value
      values[row * featureCount + feature] = 10 + changed + 0.2 * random.normal()
    }
  }
  const features = Array.from({ length: featureCount }, (_, index) => `sensor ${index}`)
  return { name: `${kind}-${seed}`, features, values, labels }
}

function changedBy(kind: Kind, value: number, before: number): number {
  if (kind === 'shift') return value + 3
  if (kind === 'break') return -value
  return kind === 'freeze' ? before - 10 : value
}
