import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { offsetResetOf } from '../../../src/worker/offset-reset.ts'
import { readFleetSettings } from '../../../fleet/settings.ts'

function problemsOf(environment: Record<string, string>): string {
  try {
    readFleetSettings(environment)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

function file(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'millrace-settings-')), 'value')
  writeFileSync(path, content)
  return path
}

describe('the settings of a worker', () => {
  test('have defaults for everything that has one', () => {
    const settings = readFleetSettings({})
    expect(settings.kafka).toMatchObject({ groupPrefix: 'fastmcp-log-consumers', offsetReset: 'latest', tls: false })
    expect(settings.ops).toEqual({ host: '127.0.0.1', port: 9464 })
  })

  test('come from the file, and the environment wins', () => {
    const path = file('{"commitIntervalMs": 100, "ops": {"port": 1}}')
    const settings = readFleetSettings({ MILLRACE_CONFIG: path, OPS_PORT: '2' })
    expect([settings.commitIntervalMs, settings.ops.port]).toEqual([100, 2])
  })

  test('are refused with all errors at once, each with field, variable, value and fix', () => {
    const problems = problemsOf({ KAFKA_BOOTSTRAP_SERVERS: 'nowhere', OPS_PORT: 'high', KAFKA_OFFSET_RESET: 'middle' })
    expect(problems).toContain('kafka.bootstrapServers (KAFKA_BOOTSTRAP_SERVERS) is "nowhere"')
    expect(problems).toContain('host:port, several separated by commas')
    expect(problems).toContain('ops.port (OPS_PORT) is "high": must be integer')
    expect(problems).toContain('kafka.offsetReset (KAFKA_OFFSET_RESET) is "middle": must match pattern')
    expect(problems).toContain('(earliest, latest, or by_duration: and how long ago, as in by_duration:PT12H')
  })

  test.each([
    ['by_duration:PT1H', 3_600_000],
    ['by_duration:P2D', 172_800_000],
    ['by_duration:P1DT2H3M4.5S', 93_784_500],
    ['by_duration:PT0S', 0],
  ] as const)('take the start of a group in the words of Kafka: %s', (text, durationMs) => {
    const { offsetReset } = readFleetSettings({ KAFKA_OFFSET_RESET: text }).kafka
    expect(offsetResetOf(offsetReset)).toEqual({ durationMs })
  })

  test.each([
    'by_duration:',
    'by_duration:P',
    'by_duration:PT',
    'by_duration:-PT1H',
    'by_duration:1h',
    'by_duration:P1M',
  ])('an invalid start of a group is refused: %s', (text) => {
    expect(problemsOf({ KAFKA_OFFSET_RESET: text })).toContain(`kafka.offsetReset (KAFKA_OFFSET_RESET) is "${text}"`)
  })

  test('with a misspelt name in the file are refused by that name', () => {
    expect(problemsOf({ MILLRACE_CONFIG: file('{"kafka": {"bootstrap": "a:1"}}') })).toContain(
      'kafka.bootstrap is not a setting',
    )
  })

  test('take a secret from a file and never show it', () => {
    const settings = readFleetSettings({
      SPLUNK_HEC_URL: 'http://127.0.0.1:1',
      SPLUNK_HEC_TOKEN_FILE: file('s3cret\n'),
    })
    expect(settings.splunk.token).toBe('s3cret')
    expect(problemsOf({ ELASTICSEARCH_PASSWORD: 'hunter2', OPS_PORT: '-1' })).not.toContain('hunter2')
  })

  test.each([
    [{ ELASTICSEARCH_URL: 'htp://user:hunter2@es:9200' }],
    [{ SPLUNK_HEC_URL: ' http://u:hunter2@x ' }],
    [{ SCHEMA_REGISTRY_URL: 'u:hunter2@x' }],
    [{ KAFKA_BOOTSTRAP_SERVERS: 'user:hunter2@kafka:9092' }],
    [{ MILLRACE_CONFIG: file('{"elasticsearch": [{"password": "hunter2"}]}') }],
    [{ MILLRACE_CONFIG: file('{"elasticsearch": "hunter2"}') }],
    [{ MILLRACE_CONFIG: file('hunter2') }],
    [{ MILLRACE_CONFIG: file('{"elasticsearch": {"password": hunter2}}') }],
  ])('show no credentials in what they are refused for: %j', (environment) => {
    const problems = problemsOf(environment)
    expect(problems).not.toBe('')
    expect(problems).not.toContain('hunter2')
  })

  test.each([
    ['KAFKA_SASL_MECHANISM', { KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD: 'x' }],
    ['KAFKA_TLS=true', { KAFKA_TLS_CA_FILE: file('') }],
    ['KAFKA_TLS_KEY_FILE', { KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: file('') }],
    ['KAFKA_TLS_CERT_FILE', { KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: file('') }],
    ['ELASTICSEARCH_PASSWORD', { ELASTICSEARCH_USERNAME: 'me' }],
    ['SCHEMA_REGISTRY_USERNAME', { SCHEMA_REGISTRY_PASSWORD: 'x' }],
  ])('that would have no effect without %s are refused', (missing, environment) => {
    expect(problemsOf(environment as Record<string, string>)).toContain(missing)
  })

  test('that name files which cannot be read are refused with the others', () => {
    const problems = problemsOf({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: '/nowhere/ca.pem', OPS_PORT: 'high' })
    expect(problems).toContain(
      'kafka.tlsCaFile (KAFKA_TLS_CA_FILE) is "/nowhere/ca.pem", which cannot be read (ENOENT)',
    )
    expect(problems).toContain('OPS_PORT')
  })

  test('with an open ops port need a token', () => {
    expect(problemsOf({ OPS_HOST: '0.0.0.0' })).toContain('set OPS_TOKEN')
    expect(problemsOf({ OPS_HOST: '0.0.0.0', OPS_TOKEN: 'x' })).toBe('')
  })
})
