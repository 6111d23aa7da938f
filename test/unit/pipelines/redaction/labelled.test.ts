import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { generatedTexts, writtenTexts } from '../../../../bench/redaction/labelled.ts'
import { createRedactor } from '../../../../src/pipelines/redaction/redact.ts'

const redactor = createRedactor()
const folder = fileURLToPath(new URL('../../../data/redaction', import.meta.url))
const texts = [...writtenTexts(folder), ...generatedTexts(2, 5)]

describe('of the labelled set', () => {
  test('no secret is seen', () => {
    const seen = texts.filter(({ text, secrets }) => {
      const shown = redactor.redactText(text)
      return secrets.some((secret) => shown.includes(secret))
    })
    expect(seen).toEqual([])
  })

  test('no harmless text is changed', () => {
    const changed = texts.filter(({ text, secrets }) => secrets.length === 0 && redactor.redactText(text) !== text)
    expect(changed).toEqual([])
  })

  test('what was redacted stays as it is', () => {
    const once = texts.map(({ text }) => redactor.redactText(text))
    expect(once.map((text) => redactor.redactText(text))).toEqual(once)
  })
})

describe('a hostile text', () => {
  const pieces = [
    '@',
    'a@a.',
    '1 ',
    '1-1',
    '4111 1111 1111 111',
    'password',
    'password=',
    'password: ',
    'password>',
    '"password":{"',
  ]
  const more = [
    'token: a',
    'eyJaaaaa-',
    '.eyJaaaaaaaaaaa',
    'bearer+',
    'xbearer+',
    '://a@',
    '@tcp(',
    '-----BEGIN ',
    'AKIA',
    'DE89 3704 ',
    '+1',
  ]
  const others = [
    '%40a.',
    'password%3D',
    'password\\"',
    "password='",
    'Cookie: a=b; ',
    '{"a":',
    'api key ',
    'secret_token_',
    '\\u00',
  ]

  /** Four times the text takes about four times the processor time, and never ten: the square would be sixteen. */
  test.each([...pieces, ...more, ...others])('of %j takes linear time', (piece) => {
    const text = piece.repeat(Math.ceil(200_000 / piece.length))
    const smallMs = leastMs(text.slice(0, text.length / 4))
    const largeMs = leastMs(text)
    expect(largeMs).toBeLessThan(10 * smallMs + 20)
  })
})

function leastMs(text: string): number {
  const times = [0, 1, 2].map(() => {
    const before = process.cpuUsage()
    redactor.redactText(text)
    return process.cpuUsage(before).user / 1000
  })
  return Math.min(...times)
}
