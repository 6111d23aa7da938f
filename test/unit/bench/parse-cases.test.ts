import { describe, expect, test } from '@jest/globals'
import { lookupDatabase } from '../../../bench/parsing/lookup-database.ts'
import { receivedMs } from '../../../bench/parsing/parse-case.ts'
import { jsonPresetCases, textPresetCases } from '../../../bench/parsing/preset-cases.ts'
import { allStepCases } from '../../../bench/parsing/step-cases.ts'
import { LogEvent } from '../../../src/pipelines/index.ts'
import { compileStep } from '../../../src/pipelines/compile-steps.ts'
import { envelopes } from '../../../src/pipelines/presets/json/envelopes.ts'
import { loggers } from '../../../src/pipelines/presets/json/loggers.ts'
import { servers } from '../../../src/pipelines/presets/json/servers.ts'
import { access } from '../../../src/pipelines/presets/text/families/access.ts'
import { bracketed } from '../../../src/pipelines/presets/text/families/bracketed.ts'
import { isoLoose, isoPrograms } from '../../../src/pipelines/presets/text/families/iso-programs.ts'
import { java } from '../../../src/pipelines/presets/text/families/java.ts'
import { numbered } from '../../../src/pipelines/presets/text/families/numbered.ts'
import { others } from '../../../src/pipelines/presets/text/families/others.ts'
import { syslog } from '../../../src/pipelines/presets/text/families/syslog.ts'
import { stepKinds } from '../../../src/pipelines/steps/step-kinds.ts'

describe('the parse bench', () => {
  test('measures each preset of text', () => {
    const families = [...access, ...bracketed, ...numbered, ...others, ...syslog]
    const presets = [...isoPrograms, ...java, ...isoLoose, ...families.flatMap((family) => family.presets)]
    const measured = new Set(textPresetCases().map(({ name }) => name))
    expect(presets.map(({ name }) => name).filter((name) => !measured.has(name))).toEqual([])
  })

  test('measures each preset of JSON', () => {
    const measured = new Set(jsonPresetCases().map(({ name }) => name))
    const presets = [...envelopes, ...servers, ...loggers]
    expect(presets.map(({ name }) => name).filter((name) => !measured.has(name))).toEqual([])
  })

  test('measures each kind of step', () => {
    const measured = new Set(allStepCases().map(({ name }) => name.split(',')[0]))
    expect(Object.keys(stepKinds).filter((kind) => !measured.has(kind))).toEqual([])
  })

  test('looks addresses up in a database that knows one network', () => {
    const { step } = compileStep({ geoip: { database: lookupDatabase() } }, [])
    const event = new LogEvent('', receivedMs, 'source')
    event.fields.ip = '203.0.113.9'
    step.apply(event)
    expect(event.fields.geo).toEqual({ country: 'DE', city: 'Berlin', location: { lat: 52.52, lon: 13.405 } })
  })
})
