import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { MillraceError, string } from '../../../src/index.ts'
import { RecordingLogger } from '../../support/recording-logger.ts'
import { until } from '../../support/until.ts'
import { TailScene } from './scene.ts'
import { refusal } from './stream-client.ts'

let scene: TailScene
beforeEach(() => {
  scene = new TailScene()
})
afterEach(() => scene.close())

const auditTopic = 'live-tail-audit'

type Entry = Readonly<Record<string, unknown>>

const entries = (): readonly Entry[] =>
  scene.memory
    .topic(auditTopic, { key: string(), value: string() })
    .read()
    .map(({ key, value }) => ({ key, ...(JSON.parse(String(value)) as Entry) }))

test('nobody sees a line whose access cannot be recorded, and the loss is counted', async () => {
  const logger = new RecordingLogger()
  const server = await scene.serve({ auditTopic, logger })
  scene.memory.cluster.faults.failNextSend(new MillraceError('REQUEST_TIMED_OUT', 'retriable', 'no answer'))
  expect(await refusal(server.port, '/logs/stream')).toEqual({
    status: 503,
    body: {
      ok: false,
      reason: 'the audit topic does not take the entry about this request: try again later',
    },
  })
  expect(server.status()).toMatchObject({ viewers: 0, auditEntriesLost: 1 })
  expect(logger.at('warn').map(({ fields }) => fields)).toMatchObject([{ event: 'opened', entriesLost: 1 }])
  const client = await scene.client(server)
  await client.told('heartbeat')
})

test('an entry has who, from where and what for, by the id of the access', async () => {
  const server = await scene.serve({ auditTopic, userHeader: 'x-user' })
  const client = await scene.client(server, 'levels=error', { 'x-user': 'ann', 'x-forwarded-for': '192.0.2.7' })
  await client.told('heartbeat')
  client.close()
  await until(() => server.status().viewers === 0)
  await server.close()
  const [opened, closed] = entries()
  expect(opened).toMatchObject({
    key: opened?.id,
    event: 'opened',
    user: 'ann',
    from: expect.stringMatching(/127\.0\.0\.1|::1/),
    via: '192.0.2.7',
    path: '/logs/stream',
    timeMs: expect.any(Number),
  })
  expect(closed).toMatchObject({ id: opened?.id, event: 'closed', user: 'ann', durationMs: expect.any(Number) })
})
