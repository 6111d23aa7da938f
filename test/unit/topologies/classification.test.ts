import { describe, expect, test } from '@jest/globals'
import { classify, priorityOf, tagsOf } from '../../../topologies/classification.ts'

describe('classification', () => {
  test.each(['secret', 'token', 'card', 'iban', 'ssn', 'unread'])('of a record with a %s is restricted', (rule) => {
    expect(classify('app', {}, [rule])).toBe('restricted')
  })
  test('of a record with an address is confidential', () => expect(classify('app', {}, ['email'])).toBe('confidential'))
  test('of an audit record is confidential', () => expect(classify('fastmcp-audit-logs', {}, [])).toBe('confidential'))
  test('of a record without a person is internal', () => expect(classify('app', {}, [])).toBe('internal'))
})

test('the priority of a failing request in production lies above that of its level', () => {
  expect(priorityOf('error', { statusCode: 503, environment: 'production' })).toBe(77)
})

test('tags name the categories to look for', () => {
  expect(tagsOf('error', { statusCode: 500, durationMs: 2000 }, ['email'])).toEqual([
    'error',
    'slow',
    'server-error',
    'redacted',
  ])
})

test('a log that was not looked at to its end has a tag for it', () => {
  expect(tagsOf('info', {}, ['unread'])).toEqual(['redacted', '_redacted_unread'])
})
