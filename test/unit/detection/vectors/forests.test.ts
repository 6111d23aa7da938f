import { describe, expect, test } from '@jest/globals'
import { IsolationForest, OnlineForest, type OnlineForestOptions } from '../../../../src/detection/index.ts'
import { usualPath } from '../../../../src/detection/vectors/isolation-tree.ts'
import { areaOf, fixture, flat, serviceVectors } from './vectors.ts'

const { rows, labels, areas, meanScores } = fixture<{
  readonly rows: readonly (readonly number[])[]
  readonly labels: readonly number[]
  readonly areas: readonly number[]
  readonly meanScores: readonly number[]
}>('forest-fixture.json')

/** Vectors of which one in a hundred has many errors. */
function withFailing(count: number): Float64Array[] {
  return serviceVectors(count).map((vector, row) => {
    return row % 100 === 50 ? Float64Array.of(...vector.slice(0, 4), 0.5 + row / count / 2) : vector
  })
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('an isolation forest', () => {
  const forests = Array.from({ length: 10 }, (_, seed) => IsolationForest.train(flat(rows), 8, { seed }))

  test('has the usual path of scikit-learn', () => {
    expect(usualPath(256)).toBeCloseTo(10.24477, 5)
  })

  test('tells labelled vectors apart as well as scikit-learn does, over ten seeds each', () => {
    const ours = forests.map((forest) =>
      areaOf(
        rows.map((row) => forest.score(row)),
        labels,
      ),
    )
    expect(Math.abs(mean(ours) - mean(areas))).toBeLessThan(0.02)
  })

  test('gives the scores that scikit-learn gives on average', () => {
    const differences = rows.map((row, index) =>
      Math.abs(mean(forests.map((forest) => forest.score(row))) - (meanScores[index] as number)),
    )
    expect(mean(differences)).toBeLessThan(0.01)
  })

  test('judges the same after it was written and read', () => {
    const [forest] = forests
    const read = IsolationForest.fromBytes(forest!.toBytes())
    const vectors = rows.map((row) => Float64Array.from(row))
    expect(vectors.map((vector) => read.judge(vector))).toEqual(vectors.map((vector) => forest!.judge(vector)))
  })

  test('names the number that isolates a vector', () => {
    const forest = IsolationForest.train(flat(withFailing(1000)), 5, { falseAlarmShare: 0.05 })
    const { excess, contributions } = forest.judge(Float64Array.of(1000, 300, 1300, 80, 0.9))
    expect(excess).toBeGreaterThan(0)
    expect(contributions[0]).toMatchObject({ index: 4, observed: 0.9 })
    expect(contributions[0]?.expected).toBeCloseTo(0.01, 2)
    expect(contributions[0]?.share).toBeGreaterThan(0.5)
  })

  test('takes missing numbers as usual, and learns from no row with one', () => {
    const missing = Float64Array.of(Number.NaN, 300, 1300, 80, 0.01)
    const forest = IsolationForest.train(flat([...serviceVectors(100), missing]), 5)
    expect(forest.learned).toBe(100)
    expect(forest.score(missing)).toBeLessThan(0.55)
  })

  test('of constant numbers finds nothing unusual', () => {
    const forest = IsolationForest.train(new Float64Array(500).fill(7), 5)
    expect(forest.judge(new Float64Array(5).fill(7)).excess).toBe(0)
  })

  test('is grown only from enough rows', () => {
    expect(() => IsolationForest.train(flat(serviceVectors(10)), 5)).toThrow(/10 rows are usable.*TRAINING_DATA/)
    expect(() => IsolationForest.train(flat(rows), 8, { trees: 0, falseAlarmShare: 1 })).toThrow(
      /trees is 0.*falseAlarmShare is 1.*INVALID_SETTINGS/,
    )
  })
})

describe('an online forest', () => {
  function grown(vectors: readonly ArrayLike<number>[], options: Partial<OnlineForestOptions> = {}): OnlineForest {
    const forest = new OnlineForest({ featureCount: vectors[0]!.length, ...options })
    for (const vector of vectors) forest.learn(vector)
    return forest
  }

  test('tells labelled vectors apart', () => {
    const forest = grown(rows.filter((_, index) => labels[index] === 0))
    const scores = rows.map((row) => forest.score(row))
    expect(areaOf(scores, labels)).toBeGreaterThan(mean(areas) - 0.1)
  })

  test('finds an unusual vector and names its number', () => {
    const forest = grown(withFailing(2000), { falseAlarmShare: 0.05 })
    const { excess, contributions } = forest.judge(Float64Array.of(1000, 300, 1300, 80, 0.9))
    expect(excess).toBeGreaterThan(0)
    expect(contributions[0]).toMatchObject({ index: 4 })
  })

  test('forgets what is older than its memory', () => {
    const moved = serviceVectors(600).map((vector) => vector.map((value) => value + 5000))
    const forest = grown([...serviceVectors(600), ...moved], { memoryVectors: 512 })
    expect(forest.score(moved[0]!)).toBeLessThan(forest.score(serviceVectors(1)[0]!))
  })

  test('continues after it was written and read as if nothing had happened', () => {
    const vectors = serviceVectors(1500)
    const whole = grown(vectors, { memoryVectors: 512 })
    const read = OnlineForest.fromBytes(grown(vectors.slice(0, 900), { memoryVectors: 512 }).toBytes())
    for (const vector of vectors.slice(900)) read.learn(vector)
    const later = serviceVectors(50, 9)
    expect(later.map((vector) => read.judge(vector))).toEqual(later.map((vector) => whole.judge(vector)))
    expect(read.toBytes()).toEqual(whole.toBytes())
  })

  test('of constant numbers finds nothing unusual', () => {
    const forest = grown(Array.from({ length: 1000 }, () => [4, 4, 4]))
    expect(forest.judge(Float64Array.of(4, 4, 4)).excess).toBe(0)
  })
})
