import { describe, expect, test } from '@jest/globals'
import { classify, priorityOf, tagsOf } from '../../../topologies/classification.ts'
import { redact } from '../../../topologies/redaction.ts'

describe('redaction', () => {
  test.each([
    ['mail to jane.doe@example.com now', 'mail to [redacted:email] now', 'email'],
    ['password=hunter2 next', 'password=[redacted:secret] next', 'secret'],
    ['{"api_key":"abc def"}', '{"api_key":[redacted:secret]}', 'secret'],
    ['Authorization: Bearer abcdef0123456789', 'Authorization: [redacted:token]', 'token'],
    ['card 4111 1111 1111 1111 ok', 'card [redacted:card] ok', 'card'],
    ['ssn 123-45-6789', 'ssn [redacted:ssn]', 'social-security-number'],
  ])('of "%s"', (text, expected, rule) => {
    expect(redact(text)).toEqual({ text: expected, found: [rule] })
  })

  test.each(['order 1234 5678 9012 3456', 'blk_38865049064139660', 'took 1234567890123 ns', 'plain words'])(
    'leaves "%s" alone',
    (text) => expect(redact(text)).toEqual({ text, found: [] }),
  )
})

describe('classification', () => {
  test('of a record with a secret is restricted', () => expect(classify('app', {}, ['secret'])).toBe('restricted'))
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
