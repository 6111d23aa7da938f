import { expect, test } from '@jest/globals'
// #region templates
import { TemplateMiner } from '../../src/detection/index.ts'

const miner = new TemplateMiner()
miner.learn('session of ann opened from 10.0.0.1', 'auth')
const { template, change } = miner.learn('session of bob opened from 10.0.0.2', 'auth')
const { rows, removed } = miner.takeChanges()
// #endregion
// #region sequences
import { SequenceModel } from '../../src/detection/index.ts'

const model = new SequenceModel()
for (let order = 0; order < 10; order++) model.learn(['taken', 'paid', 'sent'])
const rare = model.rareSteps(['taken', 'sent'])
// #endregion

test('the page shows what a model says', () => {
  expect(rare).toEqual([{ events: ['taken', 'sent'], sequences: 0, at: 1 }])
})

test('the page shows what a miner says', () => {
  expect(template.text).toBe('session of <*> opened from <*>')
  expect(change).toBe('widened')
  expect({ rows: rows.length, removed }).toEqual({ rows: 1, removed: [] })
})
