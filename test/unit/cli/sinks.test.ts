import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { HecServer, type HecServerOptions } from '../../support/hec-server.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandResult, commandLine } from '../../support/command-line.ts'

const module = 'test/unit/cli/modules/documents.ts'
let collector: HecServer

beforeEach(async () => {
  collector = new HecServer({ token: 'a-secret' })
  await collector.start()
})
afterEach(() => collector.stop())

function sinks(command: 'apply' | 'doctor' | 'plan', options: HecServerOptions = {}): Promise<CommandResult> {
  collector.options = { token: 'a-secret', ...options }
  const environment = { SPLUNK_HEC_URL: collector.url, SPLUNK_HEC_TOKEN: 'a-secret' }
  return commandLine({ kafka: new MemoryKafka({ topics: {} }).connection, environment }).run('sinks', command, module)
}

describe('millrace sinks with a collector', () => {
  test('doctor says that the token is accepted, and sends no event', async () => {
    const { exitCode, out } = await sinks('doctor')
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/splunk +ok +token +.*accepts the token/)])
    expect(collector.events).toEqual([])
  })

  test('doctor does not call the index fine, which it cannot check', async () => {
    const { out } = await sinks('doctor')
    expect(out).toMatch(/splunk +left to you +test document +none is sent.*may write to the index/)
  })

  test('doctor ends with 1 for a token that is refused, and does not show it', async () => {
    const { exitCode, out, errors } = await sinks('doctor', { token: 'another' })
    expect([exitCode, out]).toEqual([1, expect.stringMatching(/splunk +fails +token +.*check url, token and index/)])
    expect(out + errors).not.toContain('a-secret')
  })

  test('plan and apply have nothing to do', async () => {
    expect([(await sinks('plan')).exitCode, (await sinks('apply')).exitCode]).toEqual([0, 0])
  })
})

test('millrace sinks says which settings make a sink', async () => {
  const { exitCode, errors } = await commandLine().run('sinks', 'plan', module)
  expect([exitCode, errors]).toEqual([0, expect.stringContaining('ELASTICSEARCH_URL')])
})
