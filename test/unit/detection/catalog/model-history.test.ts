import { describe, expect, test } from '@jest/globals'
import {
  currentVersion,
  type ModelHistory,
  parseModelId,
  readModel,
  readModelHistory,
  rolledBack,
  using,
  versionAt,
  withVersion,
} from '../../../../src/detection/index.ts'
import { modelOf } from './models.ts'

const id = { name: 'rates', key: 'shop' }
const model = modelOf()
const published = (...times: readonly number[]): ModelHistory =>
  times.reduce<ModelHistory | undefined>(
    (history, nowMs) => withVersion(id, history, model, { nowMs, by: 'ann' }),
    undefined,
  ) as ModelHistory

describe('the history of a model', () => {
  test('uses the newest version that was published', () => {
    expect(currentVersion(published(10, 20))?.version).toBe(2)
  })

  test('judges a point by the version of its time, also after a later one was published', () => {
    const history = published(10, 20)
    expect([5, 10, 19, 20].map((timeMs) => versionAt(history, timeMs)?.version)).toEqual([undefined, 1, 1, 2])
  })

  test('goes back to the version before, and points of the time between keep theirs', () => {
    const history = rolledBack(published(10, 20), { nowMs: 30, by: 'ben' })
    expect([25, 30].map((timeMs) => versionAt(history, timeMs)?.version)).toEqual([2, 1])
    expect(history.uses.at(-1)).toEqual({ version: 1, fromMs: 30, by: 'ben', why: 'rolled back' })
  })

  test('names the versions where the chosen one is not kept', () => {
    const actor = { nowMs: 30, by: 'ben' }
    expect(() => using(published(10, 20), 7, actor)).toThrow('rates/shop has no version 7: choose one of 1, 2')
    expect(() => rolledBack(published(10), actor)).toThrow('no version before 1')
  })

  test('keeps 8 versions, among them the one that is used', () => {
    const first = using(published(...Array.from({ length: 8 }, (_, index) => index)), 1, { nowMs: 9, by: 'ben' })
    const later = using(withVersion(id, first, model, { nowMs: 10, by: 'ann' }), 3, { nowMs: 11, by: 'ben' })
    expect(later.versions.map(({ version }) => version)).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    expect(withVersion(id, later, model, { nowMs: 12, by: 'ann' }).versions.at(-1)?.version).toBe(10)
  })

  test('orders uses as they were decided where a clock is behind', () => {
    const history = rolledBack(published(10, 20), { nowMs: 5, by: 'ben' })
    expect(history.uses.map(({ fromMs }) => fromMs)).toEqual([10, 20, 21])
  })

  test('refuses a model that no record has room for', () => {
    const large = { ...model, bytes: 'A'.repeat(4 * 1024 * 1024 + 1) }
    expect(() => withVersion(id, undefined, large, { nowMs: 1, by: 'ann' })).toThrow(
      expect.objectContaining({ code: 'MODEL_TOO_LARGE' }),
    )
  })

  test('is the same after it was read as JSON', () => {
    const history = published(10, 20)
    expect(readModelHistory(JSON.parse(JSON.stringify(history)))).toEqual(history)
  })

  test.each([
    ['no object', null],
    ['no versions', { ...id, uses: [] }],
    ['a version without bytes', { ...published(1), versions: [{ ...model, bytes: '', version: 1 }] }],
    ['a version of an unknown kind', { ...published(1), versions: [{ ...model, kind: 'oracle', version: 1 }] }],
    ['a version without a number', { ...published(1), versions: [model] }],
  ])('is refused with a code: %s', (_what, value) => {
    expect(() => readModelHistory(value)).toThrow(expect.objectContaining({ code: 'MODEL_UNREADABLE' }))
  })
})

describe('the id of a model', () => {
  test('has a name and a key, which may have slashes', () => {
    expect(parseModelId('rates/shop/eu')).toEqual({ name: 'rates', key: 'shop/eu' })
  })

  test.each(['rates', 'Rates/shop', '/shop', 'rates/'])('is refused: %s', (text) => {
    expect(() => parseModelId(text)).toThrow('write NAME/KEY, such as rates/shop')
  })
})

describe('a model of a history', () => {
  test('is refused where its bytes are damaged, cut, or of another kind', () => {
    const damaged = Buffer.from(model.bytes, 'base64')
    damaged[30] = (damaged[30] as number) ^ 1
    for (const bytes of [damaged, damaged.subarray(0, 20), Buffer.from('hello')])
      expect(() => readModel({ ...model, bytes: bytes.toString('base64') })).toThrow(
        expect.objectContaining({ code: 'MODEL_UNREADABLE' }),
      )
    expect(() => readModel({ ...model, kind: 'forest' })).toThrow("they are of the kind 'pca'")
  })

  test('is refused where it has other numbers than names', () => {
    expect(() => readModel({ ...model, features: ['total'] })).toThrow('vectors of 3 numbers, and 1 names (total)')
  })
})
