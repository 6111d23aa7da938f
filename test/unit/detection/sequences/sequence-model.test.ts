import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hdfsSessions, verdicts } from '../../../../bench/templates/sessions.ts'
import { SequenceModel, type SequenceOptions, type StepRow } from '../../../../src/detection/index.ts'

const order = ['taken', 'paid', 'sent']

function trained(times: number, options: SequenceOptions = {}): SequenceModel {
  const model = new SequenceModel(options)
  for (let time = 0; time < times; time++) model.learn(order)
  return model
}

describe('a sequence', () => {
  test('that is as usual has no rare step', () => {
    expect(trained(3).rareSteps(order)).toEqual([])
  })

  test.each([
    [['taken', 'sent'], [{ events: ['taken', 'sent'], sequences: 0, at: 1 }]],
    [['taken', 'paid'], [{ events: ['paid', ''], sequences: 0, at: 2 }]],
    [
      ['paid', 'sent', 'lost'],
      [
        { events: ['', 'paid'], sequences: 0, at: 0 },
        { events: ['sent', 'lost'], sequences: 0, at: 2 },
        { events: ['lost', ''], sequences: 0, at: 3 },
      ],
    ],
    [[], [{ events: ['', ''], sequences: 0, at: 0 }]],
  ])('%j has the rare steps', (sequence, steps) => {
    expect(trained(3).rareSteps(sequence)).toEqual(steps)
  })

  test('counts once, however often it has a step', () => {
    const model = new SequenceModel()
    model.learn(['a', 'a', 'a', 'a', 'a'])
    expect(model.rareSteps(['a', 'a'])).toContainEqual({ events: ['a', 'a'], sequences: 1, at: 1 })
  })

  test('may have longer steps', () => {
    expect(trained(3, { stepEvents: 3 }).rareSteps(['taken', 'paid', 'lost'])).toEqual([
      { events: ['taken', 'paid', 'lost'], sequences: 0, at: 2 },
      { events: ['paid', 'lost', ''], sequences: 0, at: 3 },
    ])
  })

  test('keeps what was learned when an event has another id', () => {
    const model = trained(3)
    model.rename('paid', 'settled')
    expect(model.rareSteps(['taken', 'settled', 'sent'])).toEqual([])
    expect(model.rareSteps(order)).toHaveLength(2)
    expect(new SequenceModel({}, model.takeChanges().rows).rareSteps(['taken', 'settled', 'sent'])).toEqual([])
  })
})

test('what is kept is bounded: the steps that fewest sequences had make room', () => {
  const model = trained(5, { stepsMax: 64 })
  for (let index = 0; index < 1000; index++) model.learn([`one ${index}`, `other ${index}`])
  expect(model.size).toBeLessThanOrEqual(64)
  expect(model.rareSteps(order)).toEqual([])
})

test('a model made from the rows of another says the same of every sequence', () => {
  const sequence = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { maxLength: 6 })
  const step = fc.record({ sequence, restarts: fc.boolean() })
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 3 }), fc.array(step, { maxLength: 60 }), (stepEvents, steps) => {
      const options = { stepEvents, stepsMax: 16 }
      const whole = new SequenceModel(options)
      const store = new Map<string, StepRow>()
      let restarted = new SequenceModel(options)
      const answers: [unknown, unknown][] = []
      for (const { sequence: events, restarts } of steps) {
        answers.push([restarted.rareSteps(events), whole.rareSteps(events)])
        restarted.learn(events)
        whole.learn(events)
        if (!restarts) continue
        const { rows, removed } = restarted.takeChanges()
        for (const one of removed) store.delete(one.join())
        for (const row of rows) store.set(row.events.join(), row)
        restarted = new SequenceModel(options, [...store.values()].reverse())
      }
      expect(answers.map(([one]) => one)).toEqual(answers.map(([, other]) => other))
      expect(restarted.size).toBe(whole.size)
    }),
    { numRuns: 100 },
  )
})

test('options that cannot be used are reported together', () => {
  expect(() => new SequenceModel({ stepEvents: 1, rareBelow: 0 })).toThrow(/stepEvents is 1.*rareBelow is 0/)
})

test('sessions of HDFS-100k are judged as the page says', () => {
  const { train, test: judged } = hdfsSessions(join(import.meta.dirname, '../../../data/loghub/HDFS_100k_sessions.csv'))
  const { precision, recall, f1 } = verdicts(train, judged)
  expect(precision).toBeGreaterThanOrEqual(0.95)
  expect(f1).toBeGreaterThanOrEqual(0.65)
  expect(recall).toBeCloseTo(30 / 57, 10)
})
