import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { compileStep } from '../../../src/pipelines/compile-steps.ts'
import type { StepDefinition } from '../../../src/pipelines/definition.ts'
import { LogEvent } from '../../../src/pipelines/log-event.ts'

const receivedMs = Date.UTC(2026, 10, 24, 8)

function after(definition: StepDefinition, message: unknown): unknown {
  const event = new LogEvent('line', receivedMs, 'web-1')
  event.fields.message = message as string
  const result = compileStep(definition, []).step.apply(event)
  return result === 'next' ? JSON.parse(JSON.stringify(event.fields)) : result
}

describe('steps that read a text', () => {
  test.each<readonly [string, StepDefinition, string, object]>([
    ['grok', { grok: { match: 'took %{NUMBER:took:float}' } }, 'it took 1.5 s', { took: 1.5 }],
    [
      'grok, the first expression that fits',
      { grok: { match: ['%{IP:ip}$', '%{WORD:first}'], into: 'found' } },
      'no address',
      { found: { first: 'no' } },
    ],
    ['dissect', { dissect: { mapping: '%{a}-%{b}' } }, 'x-y', { a: 'x', b: 'y' }],
    ['kv', { kv: {} }, 'user=bob n=1', { user: 'bob', n: '1' }],
    ['csv', { csv: { columns: ['id', 'name'] } }, '1,"a, b"', { id: '1', name: 'a, b' }],
    [
      'grok, every expression that fits',
      { grok: { match: ['%{INT:n:int}', '%{IP:ip}', '^%{WORD:first}'], all: true } },
      'took 17 ms',
      { n: 17, first: 'took' },
    ],
    [
      'kv, some of the pairs',
      { kv: { only: ['user', 'ip'], except: ['ip'], prefix: 'login_', trim: '<>' } },
      'user=<bob> ip=1 n=1',
      { login_user: 'bob' },
    ],
    ['csv, without names', { csv: { separator: ';' } }, '1;2', { column1: '1', column2: '2' }],
    ['csv, without empty values', { csv: { columns: ['a', 'b'], keepEmpty: false } }, ',2', { b: '2' }],
    ['csv, in other quotes', { csv: { columns: ['a'], quote: "'" } }, "'1,2'", { a: '1,2' }],
    ['cef', { cef: { into: 'cef' } }, 'CEF:0|a|b|1|2|n|3|src=192.0.2.1', { cef: { extension: { src: '192.0.2.1' } } }],
    ['leef', { leef: {} }, 'LEEF:1.0|a|b|1|x|src=192.0.2.1', { eventId: 'x', extension: { src: '192.0.2.1' } }],
    ['xml', { xml: {} }, '<Event><Id>7</Id></Event>', { Event: { Id: '7' } }],
    [
      'syslog',
      { syslog: {} },
      '<165>Nov 24 07:59:59 gate app[3]: hello',
      { host: 'gate', component: 'app', level: 'info', message: 'hello', attributes: { facility: 'local4', pid: '3' } },
    ],
    [
      'access',
      { access: {} },
      '192.0.2.7 - - [24/Nov/2026:07:59:59 +0000] "GET /a HTTP/1.1" 404 12',
      { ip: '192.0.2.7', statusCode: 404, message: 'GET /a 404' },
    ],
    ['cri', { cri: {} }, '2026-11-24T07:59:59.123456789Z stdout F hello', { message: 'hello' }],
    [
      'preset',
      { preset: { formats: ['postgres'] } },
      '2026-11-24 07:59:59 UTC [7] LOG:  started',
      { message: 'started' },
    ],
  ])('%s', (_, step, message, expected) => {
    expect(after(step, message)).toMatchObject(expected)
  })

  test.each<readonly [StepDefinition, string]>([
    [{ grok: { match: '%{IP:ip}' } }, 'none'],
    [{ dissect: { mapping: '%{a}|%{b}' } }, 'none'],
    [{ kv: {} }, 'none'],
    [{ xml: {} }, 'none'],
    [{ cri: {} }, 'none'],
    [{ syslog: {} }, 'none'],
    [{ access: {} }, '1:M 24 Nov 2026 07:59:59.123 * Ready to accept connections'],
  ])('%j fails where the text is another', (step, message) => {
    expect(after(step, message)).toBe('failed')
  })

  test('leave an event alone that has no such field', () => {
    const event = new LogEvent('line', receivedMs, 'web-1')
    expect(compileStep({ kv: { field: 'query' } }, []).step.apply(event)).toBe('next')
  })

  test('csv removes the row that holds its names', () => {
    const csv = { columns: ['id', 'name'], skipHeader: true }
    expect(after({ csv }, 'id, name')).toBe('dropped')
    expect(after({ csv }, 'id,ann')).toMatchObject({ id: 'id', name: 'ann' })
    expect(() => compileStep({ csv: { skipHeader: true } }, [])).toThrow('skipHeader needs columns')
  })

  test('grok takes patterns of the files of a folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'patterns-'))
    writeFileSync(join(folder, 'orders'), 'ORDER ord-%{NUMBERED:order}\n')
    writeFileSync(join(folder, 'others'), 'NUMBERED [0-9]+\n')
    expect(after({ grok: { match: '%{ORDER}', files: [folder] } }, 'ord-17')).toMatchObject({ order: '17' })
  })

  test('grok takes patterns of files', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'patterns-')), 'own')
    writeFileSync(file, 'ORDER ord-%{INT:order:int}\n')
    expect(after({ grok: { match: '%{ORDER}', files: [file] } }, 'ord-17')).toMatchObject({ order: 17 })
  })

  test.each<readonly [StepDefinition, RegExp]>([
    [{ grok: { match: '%{NOPE}' } }, /there is no pattern NOPE/],
    [{ grok: { match: 'x', files: ['/nowhere'] } }, /no such file/],
    [{ dissect: { mapping: '%{a}%{b}' } }, /nothing stands between/],
    [{ preset: { formats: ['nope'] } }, /there is no format 'nope'/],
  ])('%j names its mistake', (step, message) => {
    expect(() => compileStep(step, [])).toThrow(message)
  })
})
