import { expect, test } from '@jest/globals'
import { Cli } from '../../../src/cli/cli.ts'
import type { Host } from '../../../src/cli/host.ts'
import { readSettings } from '../../../src/worker/index.ts'
import { commandLine } from '../../support/command-line.ts'

/** A port on which nothing listens. */
const nobody = '127.0.0.1:1'

const timeoutOf = (environment: Host['environment'], role?: 'command' | 'worker') => {
  const connection = new Cli({ environment } as Host).connection(() => readSettings({ environment }).kafka, role)
  return 'requestTimeoutMs' in connection ? connection.requestTimeoutMs : undefined
}

test('a command gives up on servers that do not answer after the time of the setting', async () => {
  const environment = { KAFKA_BOOTSTRAP_SERVERS: nobody, KAFKA_REQUEST_TIMEOUT_MS: '1000' }
  const startedMs = performance.now()
  const { exitCode, errors } = await commandLine({ environment }).run('lag', 'page-views', '--once')
  expect([exitCode, errors]).toEqual([2, expect.stringContaining(`broker ${nobody} cannot be reached`)])
  expect(performance.now() - startedMs).toBeLessThan(9000)
})

test('a command waits for 10 s, and the setting wins', () => {
  expect(timeoutOf({})).toBe(10_000)
  expect(timeoutOf({ KAFKA_REQUEST_TIMEOUT_MS: '20000' })).toBe(20_000)
})

test('a command that runs an application waits as long as a worker', () => {
  expect(timeoutOf({}, 'worker')).toBeUndefined()
})
