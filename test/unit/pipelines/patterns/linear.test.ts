import { describe, expect, test } from '@jest/globals'
import { newFields } from '../../../../src/pipelines/field-value.ts'
import { readCef } from '../../../../src/pipelines/patterns/cef.ts'
import { csvValues } from '../../../../src/pipelines/patterns/csv.ts'
import { dissect } from '../../../../src/pipelines/patterns/dissect.ts'
import { grok } from '../../../../src/pipelines/patterns/grok.ts'
import { readKeyValues } from '../../../../src/pipelines/patterns/key-values.ts'
import { readLeef } from '../../../../src/pipelines/patterns/leef.ts'
import { readXml } from '../../../../src/pipelines/patterns/xml.ts'
import { bestOfMs } from '../../../support/best-of.ts'
import { hostileLines } from '../../../support/hostile-lines.ts'

const access = '192.0.2.7 - bob [24/Nov/2026:07:59:59 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl/8"'
const cut = dissect('%{a} [%{b}] %{+c} %{d->} "%{e}"')
const combined = grok('%{COMBINEDAPACHELOG}')
const evil = grok('(?<x>(?:a+)+)$')

const readers: Readonly<Record<string, readonly [string, (text: string) => unknown]>> = {
  'grok COMBINEDAPACHELOG': [access, (text) => combined.match(text, newFields())],
  'grok of nested repetition': ['aaaa aaaa!', (text) => evil.match(text, newFields())],
  dissect: ['a [b] c d   "e"', (text) => cut.match(text, newFields())],
  kv: ['a=1 b="x \\"y\\"" c=3', (text) => readKeyValues(text, newFields())],
  csv: ['a,"b ""c""",d', (text) => csvValues(text)],
  cef: ['CEF:0|a|b|1|2|c|3|src=192.0.2.1 msg=a b', (text) => readCef(text, newFields())],
  leef: ['LEEF:2.0|a|b|1|2|^|src=192.0.2.1^msg=a b', (text) => readLeef(text, newFields())],
  xml: ['<a b="c"><d>e &amp; f</d></a>', (text) => readXml(text)],
}

describe('a text of 1 MiB', () => {
  test.each(Object.entries(readers))('is read within 50 ms by %s', (_, [line, read]) => {
    const slow: string[] = []
    for (const hostile of hostileLines(line, 1024 * 1024)) {
      const tookMs = bestOfMs(() => read(hostile), 50)
      if (tookMs > 50) slow.push(`${tookMs.toFixed(0)} ms: ${hostile.slice(0, 60)}`)
    }
    expect(slow).toEqual([])
  })
})
