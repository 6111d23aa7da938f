import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { temporaryFolder } from '../fleet/start-process.ts'

requireServer('kafka').describe('the chaos run of alerts', () => {
  beforeAll(() => {
    builtProgram('bench/alerts/chaos')
  }, 120_000)

  afterEach(() => FleetProcess.endAll())

  test('adds up while workers are killed and their receiver misbehaves', async () => {
    // Where Java and what was fetched once are found.
    const environment = Object.entries(process.env).filter(([name]) => /^(HOME|MILLRACE_CACHE|JAVA_HOME.*)$/.test(name))
    const chaos = new FleetProcess({
      program: 'bench/alerts/chaos',
      // How long notices take is measured where nothing else runs.
      args: ['--seconds', '12', '--seed', '3', '--any-latency'],
      environment: Object.fromEntries(environment) as Record<string, string>,
      folder: temporaryFolder(),
    })
    const code = await chaos.exitCode(180_000)
    const told = chaos.textOf('stdout')
    expect({ code, told: code === 0 ? '' : told }).toEqual({ code: 0, told: '' })
    expect(told).toMatch(/the notices add up$/)
  }, 200_000)
})
