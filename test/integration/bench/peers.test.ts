import { afterAll, expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { temporaryFolder } from '../fleet/start-process.ts'

const jobs = ['A', 'B'] as const

requireServer('kafka').describe('the bench of peers, in its short form', () => {
  afterAll(() => FleetProcess.endAll())

  test('writes the same in every way that a job is written, and reports what each took', async () => {
    builtProgram('bench/bench')
    const bench = new FleetProcess({
      program: 'bench/bench',
      args: [
        ...['peers', '--jobs', jobs.join(','), '--logs', '30000', '--rounds', '1'],
        ...['--only', 'millrace json,millrace view,raw parse'],
      ],
      environment: { HOME: process.env['HOME'] ?? '' },
      folder: temporaryFolder(),
    })
    const code = await bench.exitCode(580_000)
    const report = bench.textOf('stdout')
    process.stdout.write(report)
    expect(code).toBe(0)
    // No figure is judged here: the machine is busy.
    for (const job of jobs) expect(report).toMatch(new RegExp(`\\| job ${job} \\|`))
    expect(report.match(/equal in all runs that do the whole job/g)).toHaveLength(jobs.length)
  }, 600_000)
})
