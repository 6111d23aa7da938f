import { describe, expect, test } from '@jest/globals'
import { boundsOf } from '../../../src/replay/bounds.ts'

const place = { topic: 'in', partition: 0 }

describe('the start of a partition', () => {
  test('is the first record at the time', () => {
    const answer = { ...place, earliest: 0, lastStable: 100, atFrom: 40 }
    expect(boundsOf({ fromMs: 5000 }, answer)).toMatchObject({ startOffset: 40, startRule: 'time' })
  })

  test('is the beginning of the log where nothing was asked for', () => {
    expect(boundsOf({}, { ...place, earliest: 0, lastStable: 100 })).toMatchObject({
      startOffset: 0,
      startRule: 'earliest',
    })
  })

  test('says how many offsets retention has deleted', () => {
    const answer = { ...place, earliest: 30, lastStable: 100 }
    expect(boundsOf({ fromOffset: 10 }, answer)).toMatchObject({ startOffset: 30, startRule: 'retention', lost: 20 })
  })

  test('says that retention may have deleted something where the first record of the time is the first of the log', () => {
    const answer = { ...place, earliest: 30, lastStable: 100, atFrom: 30 }
    expect(boundsOf({ fromMs: 5000 }, answer)).toMatchObject({ startOffset: 30, startRule: 'retention' })
  })
})

describe('the end of a partition', () => {
  test('is the last stable offset where nothing was asked for', () => {
    expect(boundsOf({}, { ...place, earliest: 0, lastStable: 100 })).toMatchObject({
      endOffset: 100,
      endRule: 'last-stable',
    })
  })

  test('is behind the first record at the time, which closes windows', () => {
    const answer = { ...place, earliest: 0, lastStable: 100, atTo: 60 }
    expect(boundsOf({ toMs: 9000 }, answer)).toMatchObject({ endOffset: 61, endRule: 'time' })
  })

  test('is the last stable offset where no record is behind the time', () => {
    const answer = { ...place, earliest: 0, lastStable: 100, atTo: 100 }
    expect(boundsOf({ toMs: 9000 }, answer)).toMatchObject({ endOffset: 100, endRule: 'last-stable' })
  })

  test('does not pass the last stable offset, whatever was asked for', () => {
    expect(boundsOf({ toOffset: 500 }, { ...place, earliest: 0, lastStable: 100 })).toMatchObject({ endOffset: 100 })
  })
})

describe('a partition', () => {
  test('is empty where its log is', () => {
    expect(boundsOf({}, { ...place, earliest: 0, lastStable: 0 })).toMatchObject({ startOffset: 0, endOffset: 0 })
  })

  test('is empty where no record is in the bounds', () => {
    const answer = { ...place, earliest: 0, lastStable: 100, atFrom: 100, atTo: 100 }
    expect(boundsOf({ fromMs: 5000, toMs: 9000 }, answer)).toMatchObject({ startOffset: 100, endOffset: 100 })
  })
})
