import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import type { AlertChange } from '../../../src/alerts/index.ts'
import { builtProgram } from '../../support/built.ts'
import { committedValues } from '../../support/committed-values.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { WireClient } from '../../support/wire-client.ts'
import { usualVector } from '../../unit/detection/catalog/models.ts'
import { FleetRig, type WorkerProcess } from './fleet-rig.ts'
import { temporaryFolder } from './start-process.ts'

const minuteMs = 60_000
const watches = `watches:
  - name: rates
    topic: ${topics.rates.name}
    severity: high
    patience: 1
    cooldown: 0
    keys:
      bank: { train: { kind: forest, features: [total, errors, durationP95Ms], least: 40 } }
`

/** Minutes as `millrace detect train` reads them, whose numbers are so many times as large as usual. */
const csv = (scale: number) =>
  [
    'time,total,errors,durationP95Ms',
    ...Array.from({ length: 600 }, (_, minute) => [minute * minuteMs + 1e12, ...usualVector(minute, scale)].join(',')),
  ].join('\n')

requireServer('kafka').describe('models of a worker that runs', () => {
  const folder = temporaryFolder()
  let rig: FleetRig
  let client: WireClient
  let worker: WorkerProcess
  let lastMs = Date.now()

  beforeAll(async () => {
    for (const name of ['workers/alerts', 'src/cli/main']) builtProgram(name)
    for (const scale of [1, 5]) writeFileSync(join(folder, `times-${scale}.csv`), csv(scale))
    writeFileSync(join(folder, 'watches.yaml'), watches)
    rig = await FleetRig.start()
    client = new WireClient(rig.kafka.bootstrap)
    worker = await rig.worker('alerts', { ALERTS_WATCHES_FILE: join(folder, 'watches.yaml') })
    await worker.process.line(/"to":"RUNNING".*"msg":"application state"/, 120_000)
  }, 240_000)

  afterAll(async () => {
    await client?.close()
    await rig?.stop()
  })

  const detect = async (...args: readonly string[]): Promise<string> => {
    const program = [builtProgram('src/cli/main'), 'detect', ...args, '--bootstrap', rig.kafka.bootstrap]
    const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: folder })
    return stdout
  }
  const train = (scale: number) =>
    detect('train', 'rates/shop', '--kind', 'pca', '--input', `times-${scale}.csv`, '--publish', '--json')
  const changes = async () => await committedValues<AlertChange>(client.driver, topics.alertChanges.name)

  /** Sends minutes with numbers five times as large as usual, until the newest change is the expected one. */
  async function untilChange(status: AlertChange['status'], count: number): Promise<AlertChange> {
    let found: AlertChange | undefined
    await until(
      async () => {
        lastMs = Math.max(lastMs + 1, Date.now())
        const [total, errors, durationP95Ms] = usualVector(7, 5)
        const report = { key: 'shop', startMs: lastMs, endMs: lastMs + 1, total, errors, durationP95Ms }
        await rig.peer.send(topics.rates.name, [{ key: 'shop', value: JSON.stringify(report) }])
        const all = await changes()
        found = all.at(-1)
        return all.length === count && found?.status === status
      },
      120_000,
      `change ${count} is ${status}`,
    )
    return found as AlertChange
  }

  test('are published, used without a restart, rolled back, and labelled', async () => {
    expect(JSON.parse(await train(1))).toMatchObject({ kind: 'pca', rows: 600, version: 1 })
    expect(await untilChange('firing', 1)).toMatchObject({ key: 'rates{service="shop"}', severity: 'high' })

    expect(JSON.parse(await train(5))).toMatchObject({ version: 2 })
    expect((await untilChange('resolved', 2)).summary).toContain('version 2')

    expect(await detect('rollback', 'rates/shop')).toContain('version 1 is used from now on, before it was 2')
    const again = await untilChange('firing', 3)
    expect(again.summary).toContain('version 1')
    expect(await detect('explain', again.key)).toContain(again.summary)

    expect(await detect('label', again.key, 'right')).toContain('0.833 times as far outside')
    expect(await detect('models')).toMatch(/rates\/shop +1 +pca .*rolled back +1,2/)
  }, 480_000)

  test('are trained by the owner of their key, in a thread, from records that it has seen', async () => {
    const reports = Array.from({ length: 60 }, (_, minute) => {
      const [total, errors, durationP95Ms] = usualVector(minute)
      const startMs = Date.now() - (60 - minute) * minuteMs
      return { key: 'bank', value: JSON.stringify({ startMs, total, errors, durationP95Ms }) }
    })
    await rig.peer.send(topics.rates.name, reports)
    let shown = ''
    const isTrained = async (): Promise<boolean> => {
      shown = await detect('models')
      return shown.includes('rates/bank')
    }
    await until(isTrained, 120_000, 'the model of the bank is published')
    expect(shown).toMatch(/rates\/bank +1 +forest +\d+ .* fastmcp-log-consumers-alerts \d+_\d+ +published/)
  }, 240_000)
})
