import { describe, expect, test } from '@jest/globals'
import {
  IsolationForest,
  PcaModel,
  vectorReasonOf,
  type VectorVerdict,
  VectorWatch,
  type WatchOptions,
} from '../../../../src/detection/index.ts'
import { flat, learnedMoments, serviceFeatures, serviceVectors } from './vectors.ts'

const model = PcaModel.of(learnedMoments(serviceVectors(2000)))
const slow = Float64Array.of(1000, 300, 1300, 200, 0.01)

function watched(vectors: readonly ArrayLike<number>[], options: Partial<WatchOptions> = {}): VectorVerdict[] {
  const watch = new VectorWatch({ features: serviceFeatures, ...options }, model)
  return vectors.map((vector, row) => watch.observe(vector, row))
}

function alertsIn(verdicts: readonly VectorVerdict[]): number[] {
  return verdicts.flatMap(({ isAlert }, row) => (isAlert ? [row] : []))
}

describe('a watch', () => {
  test('reports what is unusual once it is so for most of the last vectors, and says why', () => {
    const verdicts = watched([...serviceVectors(50, 3), slow, slow, slow, slow])
    expect(alertsIn(verdicts)).toEqual([52])
    expect(verdicts[52]?.score).toBeGreaterThan(0.5)
    expect(vectorReasonOf(verdicts[52]!)).toMatch(/^durationMs 200, usually \d+(\.\d+)? \(\d+ %\)/)
  })

  test('does not report one vector by itself, but with a patience of 1', () => {
    const vectors = [...serviceVectors(20, 3), slow, ...serviceVectors(20, 4)]
    expect(alertsIn(watched(vectors))).toEqual([])
    expect(alertsIn(watched(vectors, { patienceVectors: 1 }))).toEqual([20])
  })

  test('reports an event once, and another one only after the cool-down', () => {
    const event = [slow, slow, slow, slow, slow]
    const vectors = [...event, ...serviceVectors(20, 3), ...event, ...serviceVectors(40, 4), ...event]
    expect(alertsIn(watched(vectors, { cooldownVectors: 40 }))).toEqual([2, 72])
  })

  test('reports nothing that it may not', () => {
    const watch = new VectorWatch({ features: serviceFeatures, patienceVectors: 1 }, model)
    expect(watch.observe(slow, 1, false)).toMatchObject({ isUnusual: true, isAlert: false })
    expect(watch.observe(slow, 2)).toMatchObject({ isAlert: true })
  })

  test('says that it warms up while its model has learned too little, or there is none', () => {
    const young = new VectorWatch({ features: serviceFeatures, warmUpVectors: 5000 }, model)
    const verdict = young.observe(slow, 1)
    expect(verdict).toMatchObject({ status: 'warming-up', score: 0, isAlert: false })
    expect(vectorReasonOf(verdict)).toBe('warming up, 2000 of 5000 vectors')
    const none = new VectorWatch({ features: serviceFeatures })
    expect(none.observe(slow, 1)).toMatchObject({ status: 'warming-up', learned: 0, needed: 288 })
    none.use(model)
    expect(none.observe(slow, 2)).toMatchObject({ status: 'scored', isUnusual: false })
  })

  test('uses no vector that is late, of another length, or mostly missing', () => {
    const watch = new VectorWatch({ features: serviceFeatures }, model)
    watch.observe(slow, 10)
    const before = watch.toBytes()
    expect(watch.observe(slow, 10).status).toBe('late')
    expect(watch.observe(slow, Number.NaN).status).toBe('late')
    expect(watch.observe([1, 2], 11).status).toBe('unusable')
    const nothing = [Number.NaN, Number.POSITIVE_INFINITY, Number.NaN, 80, 0.01]
    expect(watch.observe(nothing, 11).status).toBe('unusable')
    expect(watch.toBytes()).toEqual(before)
  })

  test('takes single missing and infinite numbers as usual ones', () => {
    const vectors = serviceVectors(50, 6).map((vector, row) => {
      const other = vector.slice()
      other[row % 5] = row % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY
      return other
    })
    expect(alertsIn(watched(vectors))).toEqual([])
  })

  test.each([0, 1, 7, 52, 53, 60])('says the same after it was written and read at vector %d', (at) => {
    const vectors = [...serviceVectors(50, 3), slow, slow, slow, slow, ...serviceVectors(10, 4)]
    const options = { features: serviceFeatures, cooldownVectors: 3 }
    const whole = new VectorWatch(options, model)
    let other = new VectorWatch(options, model)
    const verdicts = vectors.map((vector, row) => {
      if (row === at) other = VectorWatch.restore(other.toBytes(), options, PcaModel.fromBytes(model.toBytes()))
      return [whole.observe(vector, row), other.observe(vector, row)] as const
    })
    for (const [one, read] of verdicts) expect(read).toEqual(one)
  })

  test('takes a model of any kind, but not one of other vectors', () => {
    const forest = IsolationForest.train(flat(serviceVectors(500)), 5)
    const watch = new VectorWatch({ features: serviceFeatures }, forest)
    expect(watch.observe(slow, 1).status).toBe('scored')
    expect(() => new VectorWatch({ features: ['one', 'two'] }, forest)).toThrow(
      /vectors of 5 numbers.*INVALID_SETTINGS/,
    )
    expect(() => new VectorWatch({ features: ['a', 'a'], threshold: 1, patienceVectors: 0 })).toThrow(
      /patienceVectors is 0.*features has 2 names.*threshold is 1.*INVALID_SETTINGS/,
    )
  })
})
