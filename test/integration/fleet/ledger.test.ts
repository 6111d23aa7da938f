import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { FleetProcess } from './fleet-process.ts'
import { temporaryFolder } from './start-process.ts'

requireServer('kafka', 'opensearch').describe('the ledger of 20,000 records', () => {
  beforeAll(() => {
    builtProgram('bench/ledger/ledger')
  })

  afterAll(() => FleetProcess.endAll())

  test('adds up over kills of workers, 429s and an outage of the search server', async () => {
    // Where Java and what was fetched once are found.
    const environment = Object.entries(process.env).filter(([name]) => /^(HOME|MILLRACE_CACHE|JAVA_HOME.*)$/.test(name))
    const ledger = new FleetProcess({
      program: 'bench/ledger/ledger',
      args: ['--records', '20000'],
      environment: Object.fromEntries(environment) as Record<string, string>,
      folder: temporaryFolder(),
    })
    const code = await ledger.exitCode(570_000)
    const told = ledger.textOf('stdout')
    expect(told).toMatch(/kill -9: application-1, audit-1, performance-1/)
    expect(told).toMatch(/drained with exit codes 0 0 0 0 0 0/)
    expect(told).toMatch(/the ledger adds up$/)
    expect(code).toBe(0)
  }, 600_000)
})
