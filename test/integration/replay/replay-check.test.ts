import { afterAll, expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { temporaryFolder } from '../fleet/start-process.ts'

requireServer('kafka').describe('a replay of 20,000 records beside a live application', () => {
  afterAll(() => FleetProcess.endAll())

  test('writes what the live application wrote, over two kills, and notifies nobody', async () => {
    builtProgram('bench/replay/check')
    // Where Java and what was fetched once are found.
    const environment = Object.entries(process.env).filter(([name]) => /^(HOME|MILLRACE_CACHE|JAVA_HOME.*)$/.test(name))
    const check = new FleetProcess({
      program: 'bench/replay/check',
      args: ['--records', '20000'],
      environment: Object.fromEntries(environment) as Record<string, string>,
      folder: temporaryFolder(),
    })
    const code = await check.exitCode(280_000)
    expect(check.textOf('stdout')).toMatch(/the replay adds up$/)
    expect(code).toBe(0)
  }, 300_000)
})
