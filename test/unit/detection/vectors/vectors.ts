import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '../../../../bench/detect/random.ts'
import { VectorMoments } from '../../../../src/detection/index.ts'

/** Vectors of a service: duration follows requests, errors do not, and the sum is that of both kinds of requests. */
export function serviceVectors(count: number, seed = 1): Float64Array[] {
  const random = new Random(seed)
  return Array.from({ length: count }, () => {
    const load = random.normal()
    const [reads, writes] = [1000 + 200 * load + 20 * random.normal(), 300 + 50 * random.normal()]
    return Float64Array.of(reads, writes, reads + writes, 80 + 15 * load + 2 * random.normal(), random.next() / 50)
  })
}

export const serviceFeatures = ['reads', 'writes', 'requests', 'durationMs', 'errorShare']

export function learnedMoments(vectors: readonly Float64Array[]): VectorMoments {
  const moments = new VectorMoments({ featureCount: vectors[0]?.length ?? 1 })
  for (const vector of vectors) moments.learn(vector)
  return moments
}

/** All numbers of vectors, one after the other. */
export function flat(vectors: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from(vectors.flatMap((vector) => Array.from(vector)))
}

/** A file of test/data/detection. */
export function fixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(join('test', 'data', 'detection', name), 'utf8')) as Content
}

/** How likely an unusual vector has a higher score than a usual one. */
export function areaOf(scores: readonly number[], labels: readonly number[]): number {
  const sorted = scores.map((score, row) => ({ score, label: labels[row] as number }))
  sorted.sort((left, right) => left.score - right.score)
  let [usualBelow, area, positive] = [0, 0, 0]
  for (let first = 0; first < sorted.length; ) {
    let last = first
    while (sorted[last + 1]?.score === sorted[first]?.score) last++
    const tied = sorted.slice(first, last + 1)
    const unusual = tied.reduce((sum, { label }) => sum + label, 0)
    area += unusual * (usualBelow + (tied.length - unusual) / 2)
    usualBelow += tied.length - unusual
    positive += unusual
    first = last + 1
  }
  return area / positive / usualBelow
}
