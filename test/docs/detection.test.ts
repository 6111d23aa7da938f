import { expect, test } from '@jest/globals'
import { pipeline } from '../../src/pipelines/index.ts'
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
// #region features
import { LogFeatures } from '../../src/detection/index.ts'

const logFeatures = new LogFeatures({ windowMs: 60_000 })
logFeatures.add({ scope: 'shop', timestamp: 0, isError: false, durationMs: 20, templateId: 'a1' })
logFeatures.add({ scope: 'shop', timestamp: 10, isError: true, durationMs: 300, templateId: 'b2' })
const [ended] = logFeatures.takeEnded(60_000)
// #endregion
// #region sigma
import { SigmaRules } from '../../src/detection/index.ts'

const rules = new SigmaRules({
  fields: {
    'c-ip': 'ip',
    'cs-method': 'attributes.method',
    'cs-uri-query': 'attributes.path',
    'cs-user-agent': 'attributes.userAgent',
    'sc-status': 'statusCode',
  },
})
rules.add(
  `title: a scanner
logsource: { category: webserver }
detection:
  agent: { cs-user-agent|startswith: [sqlmap, nikto] }
  words: [union select, '%20union%20']
  filter_status: { sc-status: 404 }
  condition: (agent or words) and not 1 of filter_*`,
  'scanner.yml',
)
// #endregion
// #region vectors
import { PcaModel, VectorMoments, vectorReasonOf, VectorWatch } from '../../src/detection/index.ts'

const features = ['requests', 'durationMs', 'errorShare']
const moments = new VectorMoments({ featureCount: features.length })
for (let minute = 0; minute < 2016; minute++) {
  const load = Math.sin(minute / 50) + ((minute * 7919) % 100) / 200
  moments.learn([1000 + 200 * load, 80 + 15 * load + ((minute * 104_729) % 10) / 5, ((minute * 31) % 10) / 500])
}
const watch = new VectorWatch({ features, patienceVectors: 1 }, PcaModel.of(moments))
const verdict = watch.observe([1000, 140, 0.01], Date.UTC(2026, 0, 5))
const reason = vectorReasonOf(verdict)
// #endregion
// #region trend
import { TrendForecast, trendReasonOf } from '../../src/detection/index.ts'

const trend = new TrendForecast({ limit: 90 })
const minutes = Array.from({ length: 60 }, (_, minute) => Date.UTC(2026, 0, 5, 0, minute))
const alerts = minutes.flatMap((timeMs, minute) => {
  const forecast = trend.observe(40 + 0.5 * minute + (minute % 3), timeMs)
  return forecast.isAlert ? [trendReasonOf(forecast, timeMs)] : []
})
// #endregion

test('the page shows what a watch says of a vector', () => {
  expect(verdict).toMatchObject({ status: 'scored', isAlert: true })
  expect(reason).toMatch(/^durationMs 140, usually \d+/)
})

test('the page shows when a trend reaches a limit', () => {
  expect(alerts).toHaveLength(1)
  expect(alerts[0]).toMatch(/^rises by 30.* per hour from 6\d/)
})

test('the page shows a rule over access logs', () => {
  const line = '192.0.2.7 - - [24/Nov/2026:08:00:00 +0000] "GET /?q=1%20union%20all HTTP/1.1" 200 5 "-" "curl/8"'
  const [log] = pipeline({ name: 'web' }).open().read(line, 0, 'web-1') ?? []
  expect(rules.matching(log?.fields ?? {}, { category: 'webserver' }).map(({ title }) => title)).toEqual(['a scanner'])
})

test('the page shows what features say', () => {
  expect(ended).toMatchObject({ scope: 'shop', count: 2, errorShare: 0.5, templates: 2, entropyBits: 1 })
})

test('the page shows what a model says', () => {
  expect(rare).toEqual([{ events: ['taken', 'sent'], sequences: 0, at: 1 }])
})

test('the page shows what a miner says', () => {
  expect(template.text).toBe('session of <*> opened from <*>')
  expect(change).toBe('widened')
  expect({ rows: rows.length, removed }).toEqual({ rows: 1, removed: [] })
})
