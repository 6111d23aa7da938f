import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { compareCase } from '../../../bench/logcases/compare-case.ts'
import { type LogCase, readCases, receivedTime } from '../../../bench/logcases/log-case.ts'
import { type Fields, LogEvent } from '../../../src/pipelines/index.ts'
import { access } from '../../../src/pipelines/presets/text/families/access.ts'
import { bracketed } from '../../../src/pipelines/presets/text/families/bracketed.ts'
import { isoLoose, isoPrograms } from '../../../src/pipelines/presets/text/families/iso-programs.ts'
import { java } from '../../../src/pipelines/presets/text/families/java.ts'
import { numbered } from '../../../src/pipelines/presets/text/families/numbered.ts'
import { others } from '../../../src/pipelines/presets/text/families/others.ts'
import { syslog } from '../../../src/pipelines/presets/text/families/syslog.ts'
import { createTextReader, type TextReader } from '../../../src/pipelines/presets/text/read-text.ts'

const folder = join(import.meta.dirname, '../../data/logcases')
const cases = readdirSync(folder).flatMap((name) => readCases(join(folder, name)))
const lines = cases.filter(({ source }) => source.startsWith('own:'))

function fieldsOf(reader: TextReader, logCase: LogCase): Fields {
  const event = new LogEvent(String(logCase.input), receivedTime(logCase), 'one source')
  reader.read(event, event.original)
  return event.fields
}

describe('the presets of text', () => {
  test.each(cases.map((logCase) => [logCase.source, logCase] as const))(
    'read %s as it is meant',
    async (_, logCase) => {
      const outcome = await compareCase(logCase)
      expect(outcome?.fields.filter(({ isRight }) => !isRight)).toEqual([])
    },
  )

  test('each have a line that no preset before them takes', () => {
    const families = [...access, ...bracketed, ...numbered, ...others, ...syslog]
    const presets = [...isoPrograms, ...java, ...isoLoose, ...families.flatMap((family) => family.presets)]
    const fitting = cases.map((logCase) => {
      const event = new LogEvent(String(logCase.input), receivedTime(logCase), 'source')
      return createTextReader().read(event, event.original)
    })
    expect(presets.filter(({ name }) => !fitting.includes(name))).toEqual([])
  })

  test('read a line as the same, whatever line of its source came before', () => {
    const fresh = lines.map((logCase) => fieldsOf(createTextReader(), logCase))
    const differing: string[] = []
    for (const before of lines) {
      for (const [index, logCase] of lines.entries()) {
        const reader = createTextReader()
        fieldsOf(reader, before)
        const fields = fieldsOf(reader, logCase)
        if (JSON.stringify(fields) !== JSON.stringify(fresh[index])) {
          differing.push(`${before.source} before ${logCase.source}: ${String(logCase.input)}`)
        }
      }
    }
    expect(differing).toEqual([])
  })

  test('read the columns that a line of their source has named', () => {
    const reader = createTextReader()
    const lines = [
      '#Fields: date time s-computername cs-method cs-uri-stem c-ip sc-status time-taken cs(User-Agent) s-port',
      '2026-11-24 07:59:59 WEB1 GET /cart 192.0.2.7 503 812 curl/8 -',
    ]
    const [directive, row] = lines.map((line) => {
      const event = new LogEvent(line, Date.parse('2026-11-24T08:00:01Z'), 'web')
      return { format: reader.read(event, line), fields: event.fields }
    })
    expect(directive?.format).toBe('w3c')
    expect(row?.fields).toMatchObject({
      timestamp: Date.parse('2026-11-24T07:59:59Z'),
      host: 'WEB1',
      ip: '192.0.2.7',
      statusCode: 503,
      durationMs: 812,
      message: 'GET /cart 503',
    })
    expect(row?.fields.attributes).toMatchObject({ 'cs(User-Agent)': 'curl/8' })
    expect(row?.fields.attributes).not.toHaveProperty('s-port')
  })

  test('leave a line of no known form as the message', () => {
    const event = new LogEvent('the quick brown fox', 0, 'source')
    expect(createTextReader().read(event, event.original)).toBeUndefined()
    expect({ ...event.fields }).toEqual({ message: 'the quick brown fox' })
  })

  test('infer no level from a word of the message', () => {
    const event = new LogEvent('2026-11-24 07:59:59 - handler for ERROR pages loaded', 0, 'source')
    createTextReader().read(event, event.original)
    expect(event.fields.level).toBeUndefined()
  })

  test('keep an impossible time as text, with a tag', () => {
    const event = new LogEvent('2026-02-31 24:30:00 ERROR boom', 0, 'source')
    createTextReader().read(event, event.original)
    expect({ ...event.fields, attributes: { ...(event.fields.attributes as Fields) } }).toEqual({
      level: 'error',
      message: 'boom',
      attributes: { time: '2026-02-31 24:30:00' },
    })
    expect(event.tags).toEqual(['_parse_failure'])
  })
})
