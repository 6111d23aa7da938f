import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { HecServer } from '../../support/hec-server.ts'
import { requireServer } from '../../support/require-server.ts'
import { SmallDisk } from '../../support/small-disk.ts'
import { until } from '../../support/until.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { FleetRig, someLogs, type WorkerProcess } from '../fleet/fleet-rig.ts'
import { outageLines } from './outage-lines.ts'

const input = topics.application.name

const isReady = async ({ ask }: WorkerProcess): Promise<boolean> => (await ask('/ready')).status === 200

requireServer('kafka').describe(
  'an outage is visible: in the log at once, within 10 s in a metric, after a bound in /ready',
  () => {
    let rig: FleetRig
    beforeAll(async () => {
      builtProgram('workers/application')
      rig = await FleetRig.start()
    }, 180_000)
    afterEach(() => FleetProcess.endAll())
    afterAll(() => rig?.stop(), 60_000)

    const worker = async (name: string, environment: Readonly<Record<string, string>>): Promise<WorkerProcess> => {
      const started = await rig.worker('application', { KAFKA_GROUP_PREFIX: name, ...environment })
      await until(() => isReady(started), 60_000, 'it is ready')
      return started
    }

    /** Holds for each outage. The bound of /ready is 10 s; `times`: how many lines are waited for. */
    async function isVisible(
      running: WorkerProcess,
      {
        line,
        metric,
        reason,
        times = 3,
      }: { readonly line: RegExp; readonly metric: RegExp; readonly reason: RegExp; readonly times?: number },
    ): Promise<void> {
      const startMs = running.process.ageMs
      await until(async () => metric.test((await running.ask('/metrics')).text), 10_000, 'a metric shows it')
      const [first] = outageLines(running, line)
      expect((first?.atMs ?? Number.POSITIVE_INFINITY) - startMs).toBeLessThan(10_000)
      await until(async () => (await running.ask('/ready')).status === 503, 25_000, 'it is not ready')
      expect((await running.ask('/ready')).text).toMatch(reason)
      expect((await running.ask('/live')).status).toBe(200)
      await until(() => outageLines(running, line).length >= times, 60_000, 'it is logged again')
      const lines = outageLines(running, line)
      expect(lines.at(-1)?.count).toBeGreaterThan(lines[0]?.count ?? Number.POSITIVE_INFINITY)
      const gaps = lines.slice(1).map(({ atMs }, index) => atMs - (lines[index]?.atMs ?? 0))
      if (gaps.length > 1) expect(gaps.at(-1)).toBeGreaterThan(gaps[0] ?? 0)
    }

    test('of a sink', async () => {
      const collector = new HecServer()
      await collector.start()
      try {
        const running = await worker('sink', { SPLUNK_HEC_URL: collector.url, SPLUNK_HEC_TOKEN: 'token' })
        collector.failAlways({ kind: 'code', status: 503, code: 9 })
        await rig.peer.send(input, someLogs('sink', 100))
        await isVisible(running, {
          line: /"sink":"splunk".*SINK_UNAVAILABLE/,
          metric: /^millrace_sink_up\{sink="splunk"\} 0$/m,
          reason: /sink splunk is delayed \(SINK_UNAVAILABLE\)/,
        })
      } finally {
        await collector.stop()
      }
    }, 180_000)

    requireServer('small disk').describe('of the disk', () => {
      let disk: SmallDisk
      beforeAll(() => {
        disk = SmallDisk.mount()
      })
      afterAll(() => disk?.unmount())

      test('on which the state is', async () => {
        const state = join(disk.folder, 'state')
        const running = await worker('disk', { FILES_DIRECTORY: 'out', STATE_DIRECTORY: state })
        disk.fill()
        await rig.peer.send(input, someLogs('disk', 500))
        await isVisible(running, {
          line: /"code":"STORE_DISK_FULL".*"msg":"commit deferred, retrying"/,
          metric: /^millrace_task_trouble_seconds\{code="STORE_DISK_FULL"\} /m,
          reason: /no progress for .* \(STORE_DISK_FULL\)/,
        })
        disk.clear()
        await until(() => isReady(running), 60_000, 'it is ready again')
        await until(async () => (await rig.peer.lag('disk-application', input)) === 0, 30_000, 'all is committed')
      }, 180_000)
    })

    test('of Kafka', async () => {
      const running = await worker('kafka', { FILES_DIRECTORY: 'out' })
      await rig.kafka.kill(1)
      await isVisible(running, {
        line: /"msg":"Kafka broker failed, retrying"/,
        metric: /^millrace_broker_up\{.*\} 0$/m,
        reason: /no broker answers/,
        // The second line comes after 10 s.
        times: 2,
      })
      await rig.kafka.restart(1)
      await until(() => isReady(running), 60_000, 'it is ready again')
    }, 180_000)
  },
)
