import { expect, test } from '@jest/globals'
import { executionSettings } from '../../../fleet/execution-settings.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'

const kafka = { KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092' }

const read = (environment: Readonly<Record<string, string>>) =>
  executionSettings(readFleetSettings({ ...kafka, ...environment }).executions)

test('without settings, executions have an hour, and no credits are too many', () => {
  expect(read({})).toMatchObject({ timeoutMs: 3_600_000, credits: { period: 'month', all: [], own: new Map() } })
})

test('thresholds are in order, and an organization may have its own', () => {
  const { credits } = read({ EXECUTIONS_CREDIT_THRESHOLDS: '10000,8000,org-7=5,org-7=3' })
  expect([credits.all, credits.own.get('org-7')]).toEqual([
    [8000, 10_000],
    [3, 5],
  ])
})

test.each(['many', '5,', '=5', 'org=', '0', 'a b=5'])('%s is no list of thresholds', (text) => {
  expect(() => read({ EXECUTIONS_CREDIT_THRESHOLDS: text })).toThrow('EXECUTIONS_CREDIT_THRESHOLDS')
})
