import { describe, expect, test } from '@jest/globals'
import { compileStep } from '../../../src/pipelines/compile-steps.ts'
import { LogEvent, type StepDefinition } from '../../../src/pipelines/index.ts'
import { bestOfMs } from '../../support/best-of.ts'
import { hostileLines } from '../../support/hostile-lines.ts'

const mebibyte = 1024 * 1024
const access = '192.0.2.7 - bob [24/Nov/2026:07:59:59 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8"'
const browser = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Version/17.6 Mobile/15E148 Safari/604.1'
const field = 'message'

/** Steps with a line that each of them reads. */
const steps: readonly (readonly [string, StepDefinition])[] = [
  [access, { grok: { match: ['%{COMBINEDAPACHELOG}', '%{OWN:own}$'], patterns: { OWN: '(?:[a-z]+=%{DATA} ?)+' } } }],
  ['a [b] c', { dissect: { mapping: '%{a->} [%{b}] %{+a/2}' } }],
  ['a="x" b=<1>', { kv: { only: ['a'], trim: '<>' } }],
  ["a,'b;''c'", { csv: { columns: ['a'], quote: "'", skipHeader: true } }],
  ['<a b="c"><d>e &amp; f</d></a>', { xml: {} }],
  ['{"log":"m","stream":"stdout","time":"2026-11-24T07:59:59Z"}', { docker: {} }],
  ['__CURSOR=a\nMESSAGE=b\n_HOSTNAME=c', { journald: {} }],
  ['<Event><System><EventID>1</EventID></System></Event>', { 'windows-event': {} }],
  ['<165>Nov 24 07:59:59 gate app[3]: hello', { syslog: {} }],
  [access, { access: {} }],
  ['24/Nov/2026:07:59:59 +0000', { date: { field, patterns: ['dd/MMM/yyyy:HH:mm:ss Z', 'auto'] } }],
  ['a-b, c', { mutate: { gsub: { message: ['(a|aa)*[-,]', '$1'] }, split: { message: 'a' }, join: { message: '' } } }],
  ['a b', { translate: { field, into: 'x', table: { '(a+)+$': 'bad', '^b': 'good' }, expressions: true } }],
  [browser, { useragent: { field } }],
  ['a b', { truncate: { field, length: 100 } }],
  ['a b', { fingerprint: { fields: [field] } }],
  ['a b', { cidr: { field, networks: { office: ['10.0.0.0/8'] }, into: 'net' } }],
  ['a b', { route: { bad: 'message matches /(a+)+$/' } }],
]

describe('a field of 1 MiB', () => {
  test.each(steps.map(([line, step]) => [Object.keys(step)[0], line, step] as const))(
    'takes %s less than 50 ms',
    (_, line, definition) => {
      const { step } = compileStep(definition, [])
      const slow: string[] = []
      for (const hostile of hostileLines(line, mebibyte)) {
        const tookMs = bestOfMs(() => {
          const event = new LogEvent(hostile, 0, 'source')
          event.fields.message = hostile
          step.apply(event)
        }, 50)
        if (tookMs > 50) slow.push(`${tookMs.toFixed(0)} ms: ${hostile.slice(0, 60)}`)
      }
      expect(slow).toEqual([])
    },
  )
})
