import { describe, expect, test } from '@jest/globals'
import { compileCondition } from '../../../src/pipelines/conditions/condition.ts'
import { newFields } from '../../../src/pipelines/field-value.ts'
import { LogEvent } from '../../../src/pipelines/index.ts'
import { grok } from '../../../src/pipelines/patterns/grok.ts'
import { LinearExpression } from '../../../src/pipelines/patterns/linear-expression.ts'
import { bestOfMs } from '../../support/best-of.ts'

const mebibyte = 1024 * 1024
/** Of two letters in no order that repeats: automata that remember what they saw grow with it. */
const unordered = Array.from({ length: mebibyte }, (_, index) => 'ab'[Math.imul(index, 2_654_435_761) >>> 31]).join('')

/** Expressions that a backtracking engine takes forever for, that count, and that have many states. */
const hostile = [
  '(a+)+$',
  '(a|aa)*[!?]',
  '(.*)(.*)(.*)(.*)[xy]',
  '([ab]+[ab]+)+[!?]',
  '[a-z]{1,400}[!?]',
  '(.{1,100}){1,4}[!?]',
  '[ab]*a[ab]{20}[!?]',
  '([ab]*a[ab]{200}[!?]|[ab]*b[ab]{200}[!?])',
]

const large = ['[a-z]{1,1000}[!?]', '((((a?){10}){10}){10})[!?]']

describe('a condition with matches', () => {
  test.each(hostile)('%s takes less than 50 ms for 1 MiB', (source) => {
    const event = new LogEvent('', 0, 'source')
    event.fields.message = unordered
    const condition = compileCondition(`message matches /${source}/`)
    expect(bestOfMs(() => condition(event), 50)).toBeLessThan(50)
  })

  test.each(large)('refuses %s, which is too large', (source) => {
    expect(() => compileCondition(`message matches /${source}/`)).toThrow('is too large: use + or *')
  })
})

describe('grok', () => {
  test.each(hostile)('of %s takes less than 50 ms for 1 MiB', (source) => {
    const expression = grok(source)
    expect(bestOfMs(() => expression.match(unordered, newFields()), 50)).toBeLessThan(50)
  })

  test.each(['(.{1,100}){1,4}$', '(?<all>([a-z]{1,400})[ab])$'])(
    'of %s, which matches, takes less than 50 ms for 1 MiB',
    (source) => {
      const expression = grok(source)
      expect(bestOfMs(() => expression.match(unordered, newFields()), 50)).toBeLessThan(50)
    },
  )

  test.each(large)('refuses %s, which is too large', (source) => {
    expect(() => grok(source)).toThrow(`the expression ${source} is too large: use + or *`)
  })

  test('keeps the end of a long text in the capture that reaches it', () => {
    const fields = newFields()
    grok('%{SYSLOGLINE}').match(`Nov  4 07:59:59 host1 sshd[1234]: ${unordered}`, fields)
    expect(fields.message).toHaveLength(mebibyte)
  })
})

test('a replacement that matches everywhere takes less than 50 ms for 1 MiB, and keeps what it does not look at', () => {
  const found = new LinearExpression('[ab]')
  expect(bestOfMs(() => found.replace(unordered, 'x'), 50)).toBeLessThan(50)
  expect(found.replace(unordered, 'x')).toHaveLength(mebibyte)
})
