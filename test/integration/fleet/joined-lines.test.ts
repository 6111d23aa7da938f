import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { FleetRig } from './fleet-rig.ts'
import { ndjson, temporaryFolder } from './start-process.ts'

const input = topics.application.name
const group = 'fastmcp-log-consumers-application'
const partition = 2

const beginning = [
  '2026-11-24 07:59:59,000 ERROR [main] shop.Cart: order failed',
  'java.lang.IllegalStateException: no stock',
  '\tat shop.Cart.order(Cart.java:42)',
]
const rest = ['\tat shop.Main.main(Main.java:7)', 'Caused by: java.io.IOException: refused', '\t... 2 more']
const next = '2026-11-24 07:59:59,100 INFO [main] shop.Cart: next'

requireServer('kafka').describe('a stack trace', () => {
  let rig: FleetRig

  beforeAll(async () => {
    builtProgram('workers/application')
    rig = await FleetRig.start()
  })

  afterAll(async () => {
    await rig?.stop()
  })

  async function send(lines: readonly string[]): Promise<void> {
    const value = (line: string) => ({ key: 'web-1', value: line, partition })
    await rig.peer.send(input, lines.map(value))
  }

  const isRead = () => until(async () => (await rig.peer.lag(group, input)) === 0, 60_000, 'all is committed')

  test('is one document, although its worker is killed in the middle of it', async () => {
    const environment = {
      STATE_DIRECTORY: join(temporaryFolder(), 'state'),
      FILES_DIRECTORY: temporaryFolder(),
      // Commits before the trace has waited long enough; the member that is gone is missed soon.
      COMMIT_INTERVAL_MS: '100',
      KAFKA_SESSION_TIMEOUT_MS: '6000',
    }
    await send(beginning)
    const killed = await rig.worker('application', environment)
    await isRead()
    await killed.process.kill()
    await send([...rest, next])
    const successor = await rig.worker('application', environment)
    await isRead()
    successor.process.signal('SIGTERM')
    expect(await successor.process.exitCode(60_000)).toBe(0)

    const folder = join(environment.FILES_DIRECTORY, 'elasticsearch')
    const documents = Object.values(ndjson(folder)).flat()
    const [trace, after, ...others] = documents
    expect(trace).toMatchObject({
      level: 'error',
      component: 'shop.Cart',
      message: ['order failed', ...beginning.slice(1), ...rest].join('\n'),
      joinedLines: beginning.length + rest.length,
    })
    expect(after).toMatchObject({ message: 'next' })
    expect(others).toEqual([])
  }, 180_000)
})
