import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { topics } from '../../../fleet/topics.ts'
import type { Notice } from '../../../src/alerts/index.ts'
import { builtProgram } from '../../support/built.ts'
import { requireServer } from '../../support/require-server.ts'
import { ServiceServer } from '../../support/service-server.ts'
import { until } from '../../support/until.ts'
import { AlertsRig } from './alerts-rig.ts'

const sleep = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

/** Nobody listens there. */
const nobody = 'http://127.0.0.1:9'

const notices = `
receivers: [{ name: hook }, { name: other }]
routes:
  - { name: all, receivers: [hook, other], groupBy: [alert], wait: 0s, repeat: never, escalate: false }
`
const notifiers = `
notifiers:
  - { name: hook, webhook: { url: { env: HOOK_URL }, ratePerMinute: 6000 } }
  - { name: other, webhook: { url: { env: OTHER_URL }, ratePerMinute: 6000 } }
`

requireServer('kafka').describe(
  'the worker that owns the alerts, with two receivers and without its search server',
  () => {
    let rig: AlertsRig
    let other: ServiceServer

    beforeAll(async () => {
      builtProgram('workers/alerts')
      other = new ServiceServer()
      await other.start()
      rig = await AlertsRig.start({
        notices,
        notifiers,
        environment: { OTHER_URL: other.url, ELASTICSEARCH_URL: nobody },
      })
      await rig.startWorker()
    }, 120_000)

    afterAll(async () => {
      await rig?.stop()
      await other?.stop()
    })

    const othersTaken = () => other.taken.map(({ body }) => (JSON.parse(body) as Notice).title)

    /** How long the notice of each alert takes to its receiver, one after another. */
    async function latenciesMs(name: string, count: number): Promise<readonly number[]> {
      const latencies: number[] = []
      for (let number = 0; number < count; number++) {
        const startMs = Date.now()
        await rig.change(`${name}-${number}`, 'firing', startMs)
        await until(() => rig.taken(`${name}-${number}`).length > 0, 30_000, `the notice of ${name}-${number}`)
        latencies.push(Date.now() - startMs)
        await sleep(300)
      }
      return latencies.sort((left, right) => left - right)
    }

    test('notifies one within seconds while the other does not answer, and the other afterwards of all', async () => {
      await latenciesMs('warm', 2)
      other.failAlways({ kind: 'hang' })
      const latencies = await latenciesMs('hanging', 25)
      process.stdout.write(`one receiver hangs, the other has its notices after ${latencies.join(', ')} ms\n`)
      expect(latencies.at(-1)).toBeLessThan(5000)
      other.failAlways(undefined)
      await until(() => new Set(othersTaken()).size >= 27, 120_000, 'the other has all of them')
    }, 240_000)

    test('gives up a notice to which a receiver always answers 500, and delivers the others', async () => {
      other.failByBody((body) => (body.includes('poison') ? { kind: 'answer', status: 500 } : undefined))
      await rig.change('poison', 'firing', Date.now())
      for (let number = 0; number < 10; number++) await rig.change(`after-${number}`, 'firing', Date.now())
      await until(
        () => othersTaken().filter((title) => title.includes('after-')).length >= 10,
        120_000,
        'others are taken',
      )
      other.failByBody(undefined)
    }, 180_000)

    test('makes a dead letter of each record that nobody can use, and continues', async () => {
      const before = await rig.fleet.peer.count(topics.deadLetters.name)
      const values = ['no json', '5', '[]', '{}', null]
      for (const { name } of [topics.alertChanges, topics.alertAcknowledgements, topics.alertMoves]) {
        await rig.fleet.peer.send(
          name,
          values.map((value) => ({ key: 'bad', value })),
        )
      }
      for (const { name } of [topics.alertSilences, topics.alertSources]) {
        await rig.fleet.peer.send(
          name,
          values.map((value, index) => ({ key: `bad-${index}`, value })),
        )
      }
      await until(
        async () => (await rig.fleet.peer.count(topics.deadLetters.name)) >= before + 15,
        60_000,
        'dead letters',
      )
      await rig.change('well', 'firing', Date.now())
      await rig.untilTaken('well', 'fire')
      // What is committed is not read again.
      await sleep(3000)
      await rig.killAndRestart()
      await rig.change('well-again', 'firing', Date.now())
      await rig.untilTaken('well-again', 'fire')
      expect(await rig.fleet.peer.count(topics.deadLetters.name)).toBe(before + 15)
    }, 180_000)
  },
)
