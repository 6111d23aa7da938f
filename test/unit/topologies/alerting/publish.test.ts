import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { AlertDesk } from './alert-desk.ts'

let desk: AlertDesk

beforeEach(() => {
  const routes = [{ name: 'all', receivers: ['log'] }]
  desk = new AlertDesk({ receivers: [{ name: 'log' }], routes }, { sinks: ['search'] })
})

afterEach(() => desk.close())

test('an alert is written when it fires, gets worse and is resolved, with the id of its episode', () => {
  desk.change('a', 'pending')
  desk.change('a', 'firing')
  desk.change('a', 'firing', { severity: 'critical' })
  desk.change('a', 'resolved', { severity: 'critical' })
  const written = desk.alerts().map(({ id, status, severity }) => `${id} ${status} ${severity}`)
  expect(written).toEqual(['errors/a@1 firing high', 'errors/a@1 firing critical', 'errors/a@1 resolved critical'])
})

test('a critical alert is also written to a topic of its own, and so is its end', () => {
  desk.change('a', 'firing')
  desk.change('b', 'firing', { severity: 'critical' })
  desk.change('b', 'resolved', { severity: 'critical' })
  expect(desk.criticalAlerts().map(({ key, status }) => `${key} ${status}`)).toEqual([
    'errors/b firing',
    'errors/b resolved',
  ])
})

test('alerts that begin are counted by severity', () => {
  desk.change('a', 'firing')
  desk.change('a', 'resolved')
  expect(desk.counter('alert_severity:high')).toBe(1)
})

test('each alert goes to the sinks', () => {
  desk.change('a', 'firing')
  expect(desk.driver.sinkRecords('search')).toHaveLength(1)
})
