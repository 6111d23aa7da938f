import { describe, expect, test } from '@jest/globals'
import { PcaModel, VectorMoments } from '../../../../src/detection/index.ts'
import { principalAxes } from '../../../../src/detection/vectors/principal-axes.ts'
import { learnedMoments, serviceVectors } from './vectors.ts'

const [reads, writes, requests, durationMs] = [0, 1, 2, 3]

function changed(vector: Float64Array, index: number, value: number): Float64Array {
  const other = vector.slice()
  other[index] = value
  return other
}

describe('a model of principal components', () => {
  const model = PcaModel.of(learnedMoments(serviceVectors(2000)))
  const usualVector = Float64Array.of(1000, 300, 1300, 80, 0.01)

  test('finds few of the usual vectors unusual', () => {
    const beyond = serviceVectors(5000, 2).filter((vector) => model.judge(vector).excess > 0)
    expect(beyond.length).toBeLessThan(50)
  })

  test('finds numbers that do not go together, though each of them is usual, and names the one that does not fit', () => {
    const slow = model.judge(changed(usualVector, durationMs, 110))
    expect(slow.excess).toBeGreaterThan(0)
    expect(slow.q).toBeGreaterThan(slow.qLimit)
    expect(slow.contributions[0]).toMatchObject({ index: durationMs, observed: 110 })
    expect(slow.contributions[0]?.share).toBeGreaterThan(0.4)
  })

  test('finds a sum that is none any more', () => {
    expect(model.judge(changed(usualVector, requests, 1600)).excess).toBeGreaterThan(0)
  })

  test('finds a vector that is far from all others along its usual axis', () => {
    const far = model.judge(Float64Array.of(3000, 300, 3300, 230, 0.01))
    expect(far.t2).toBeGreaterThan(far.t2Limit)
    expect(far.contributions.map(({ index }) => index)).toEqual(expect.arrayContaining([reads, durationMs]))
    expect(far.contributions.find(({ index }) => index === reads)?.expected).toBeCloseTo(1000, -2)
  })

  test('takes a missing number as one that goes together with the others', () => {
    for (const index of [reads, writes, requests, durationMs])
      for (const vector of [usualVector, Float64Array.of(1400, 300, 1700, 110, 0.01)])
        expect(model.judge(changed(vector, index, Number.NaN)).excess).toBe(0)
  })

  test('leaves out numbers that are constant', () => {
    const vectors = serviceVectors(500).map((vector) => changed(vector, writes, 7))
    const other = PcaModel.of(learnedMoments(vectors))
    expect(other.judge(changed(vectors[0]!, writes, 9))).toMatchObject(other.judge(vectors[0]!))
  })

  test('is made only of enough vectors, of which some numbers vary', () => {
    expect(() => PcaModel.of(learnedMoments(serviceVectors(10)))).toThrow(
      /10 vectors were learned.*at least 25.*TRAINING_DATA/,
    )
    const constant = Array.from({ length: 100 }, () => Float64Array.of(1, 2))
    expect(() => PcaModel.of(learnedMoments(constant))).toThrow(/all numbers are constant.*TRAINING_DATA/)
    expect(() => PcaModel.of(learnedMoments(serviceVectors(100)), { explainedShare: 2, falseAlarmShare: 0 })).toThrow(
      /explainedShare is 2.*falseAlarmShare is 0.*INVALID_SETTINGS/,
    )
  })

  test('judges the same after it was written and read', () => {
    const read = PcaModel.fromBytes(model.toBytes())
    const vectors = [...serviceVectors(300, 5), changed(usualVector, durationMs, 400)]
    expect(vectors.map((vector) => read.judge(vector))).toEqual(vectors.map((vector) => model.judge(vector)))
    expect(read.learned).toBe(2000)
  })

  test('refuses bytes that are damaged, cut, of another model or of another form', () => {
    const bytes = model.toBytes()
    const damaged = bytes.slice()
    damaged[40]! ^= 1
    expect(() => PcaModel.fromBytes(damaged)).toThrow(/checksum differs.*MODEL_UNREADABLE/)
    expect(() => PcaModel.fromBytes(bytes.subarray(0, 30))).toThrow(/MODEL_UNREADABLE/)
    expect(() => PcaModel.fromBytes(new Uint8Array())).toThrow(/0 bytes do not begin as a model does/)
    expect(() => PcaModel.fromBytes(learnedMoments(serviceVectors(30)).toBytes())).toThrow(/of the kind 'moments'/)
    const newer = bytes.slice()
    newer[4] = 9
    expect(() => PcaModel.fromBytes(newer)).toThrow(/form 9, and form 1 is read/)
  })
})

describe('moments', () => {
  test('are the means and covariances of what was learned', () => {
    const vectors = serviceVectors(1000)
    const moments = learnedMoments(vectors)
    const mean = (index: number) => vectors.reduce((sum, vector) => sum + vector[index]!, 0) / vectors.length
    const products = vectors.map((vector) => (vector[reads]! - mean(reads)) * (vector[durationMs]! - mean(durationMs)))
    expect(moments.mean(reads)).toBeCloseTo(mean(reads), 6)
    expect(moments.covariance(reads, durationMs)).toBeCloseTo(products.reduce((sum, product) => sum + product) / 999, 4)
  })

  test('are moved little by one wrong value, and not by a missing one', () => {
    const vectors = serviceVectors(1000)
    const moments = learnedMoments(vectors)
    const deviation = Math.sqrt(moments.covariance(reads, reads))
    moments.learn(changed(vectors[0]!, reads, 1e30))
    expect(moments.mean(reads)).toBeLessThan(1000 + deviation)
    expect(moments.learn([Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN])).toBe(false)
    expect(moments.count).toBe(1001)
  })

  test('forget what is older than their memory', () => {
    const moments = new VectorMoments({ featureCount: 1, memoryVectors: 100 })
    for (let row = 0; row < 2000; row++) moments.learn([row < 1000 ? 5 : 50 + (row % 3)])
    expect(moments.mean(0)).toBeCloseTo(51, 1)
    expect(moments.covariance(0, 0)).toBeLessThan(5)
  })

  test('learn the same after they were written and read', () => {
    const vectors = serviceVectors(600)
    const whole = learnedMoments(vectors)
    const read = VectorMoments.fromBytes(learnedMoments(vectors.slice(0, 250)).toBytes())
    for (const vector of vectors.slice(250)) read.learn(vector)
    expect(read.toBytes()).toEqual(whole.toBytes())
  })
})

test('axes of a matrix are those of its eigenvectors', () => {
  const { variances, axes } = principalAxes(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3)
  expect([...variances].map((variance) => Number(variance.toFixed(9)))).toEqual([5, 3, 1])
  expect(Math.abs(axes[2]!)).toBeCloseTo(1, 9)
  expect(Math.abs(axes[3]! - axes[4]!)).toBeCloseTo(0, 9)
})
