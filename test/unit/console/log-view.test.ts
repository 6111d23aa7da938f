import { expect, test } from '@jest/globals'
import {
  type LogView,
  parametersOfView,
  streamParameters,
  viewOfParameters,
} from '../../../console/react/view/log-view.ts'
import { filterOfParameters } from '../../../src/live-tail/tail-filter.ts'

const view: LogView = {
  filters: {
    levels: ['critical', 'error'],
    services: ['payments'],
    correlationIds: ['c-1'],
    text: 'a, b & c=d',
    when: "http.status >= 500 and not (service in ['search'])",
    since: '2026-12-01T08:00:00.000Z',
    from: '1795915761299',
  },
  layout: 'structured',
  search: 'timeout',
  line: { topic: 'fastmcp.enriched-logs', partition: 3, offset: 127 },
  place: '3k.2x.0~1',
}

test('a link carries the whole view', () => {
  const text = parametersOfView(view).toString()
  expect(viewOfParameters(new URLSearchParams(text))).toEqual(view)
})

test('the parameters of a stream are those that the server knows', () => {
  expect(filterOfParameters(streamParameters(view.filters), ['from'])).toMatchObject({
    levels: ['critical', 'error'],
    services: ['payments'],
    text: 'a, b & c=d',
    sinceMs: Date.parse('2026-12-01T08:00:00.000Z'),
  })
})

test('what does not matter is not in a link', () => {
  const filters = { levels: [], services: [' '], text: '  ' }
  expect(parametersOfView({ filters, layout: 'columns', search: '' }).toString()).toBe('')
})

test('a link that nobody could have made is read as far as it makes sense', () => {
  const parameters = new URLSearchParams('layout=<script>&line=no&levels=,,&unknown=1')
  expect(viewOfParameters(parameters)).toEqual({ filters: {}, layout: 'columns', search: '' })
})
