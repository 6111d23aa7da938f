import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import type { KafkaDriver } from '../../../src/kafka/port.ts'
import { createWireDriver } from '../../../src/kafka/wire/driver.ts'
import { builtProgram } from '../../support/built.ts'
import { sharedKafka } from '../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../support/kafkajs-peer.ts'
import { requireServer } from '../../support/require-server.ts'
import { until } from '../../support/until.ts'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { temporaryFolder } from '../fleet/start-process.ts'

/** A module as a user writes it: a worker that makes upper case of what it reads, or a plain topology. */
function moduleText({ name, input, output }: Names, kind: 'worker' | 'topology'): string {
  const built = (path: string) => pathToFileURL(builtProgram(path)).href
  const topic = (of: string) => `{ name: '${of}', partitions: 2, replicationFactor: 1, configs: {} }`
  const worker = `export default defineWorker({ name: '${name}', topology: () => topology, topics: () => [${topic(input)}, ${topic(output)}] })`
  return `import { defineTopology, string } from '${built('src/index')}'
import { defineWorker } from '${built('src/worker/index')}'
const texts = { key: string(), value: string() }
const topology = defineTopology('${name}', (builder) => {
  builder.stream('${input}', texts).mapValues((value) => value.toUpperCase()).to('${output}', texts)
})
${kind === 'worker' ? worker : 'export default topology'}
`
}

interface Names {
  readonly name: string
  readonly input: string
  readonly output: string
}

let count = 0
function namesOf(): Names {
  const name = `run-${process.pid}-${++count}`
  return { name, input: `${name}-in`, output: `${name}-out` }
}

requireServer('kafka').describe('millrace run on a real Kafka', () => {
  let kafka: Awaited<ReturnType<typeof sharedKafka>>
  let peer: KafkajsPeer
  let driver: KafkaDriver

  beforeAll(async () => {
    builtProgram('src/cli/main')
    kafka = await sharedKafka()
    peer = await KafkajsPeer.connect(kafka.bootstrap)
    driver = createWireDriver({ bootstrap: [kafka.bootstrap] })
  }, 240_000)
  afterEach(() => FleetProcess.endAll())
  afterAll(async () => {
    await driver?.close()
    await peer?.close()
    await kafka?.stop()
  })

  async function started(modules: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const folder = temporaryFolder()
    const files = modules.map((text, index) => {
      const file = join(folder, `module-${index}.mjs`)
      writeFileSync(file, text)
      return file
    })
    const [port = 0] = await freePorts(modules.length)
    const process = new FleetProcess({
      program: 'src/cli/main',
      args: ['run', ...files, '--bootstrap', kafka.bootstrap],
      environment: {
        OPS_PORT: String(port),
        STATE_DIRECTORY: join(folder, 'state'),
        KAFKA_OFFSET_RESET: 'earliest',
        COMMIT_INTERVAL_MS: '200',
        ...environment,
      },
      folder,
    })
    const ask = async (path: string, index = 0) => {
      const response = await fetch(`http://127.0.0.1:${port + index}${path}`).catch(() => undefined)
      return { status: response?.status ?? 0, text: (await response?.text()) ?? '' }
    }
    return { process, ask }
  }
  const values = async (topic: string) => (await peer.readAll(topic)).map(({ value }) => String(value))

  test('a worker creates its topics, gets ready, reports its lag, and ends with 0 at SIGTERM with everything committed', async () => {
    const names = namesOf()
    const { process, ask } = await started([moduleText(names, 'worker')])
    await until(async () => (await ask('/ready')).status === 200, 60_000, 'it is ready')
    await peer.send(names.input, [
      { key: 'a', value: 'one' },
      { key: 'b', value: 'two' },
    ])
    await until(async () => (await peer.count(names.output)) === 2, 30_000, 'both results are there')
    expect((await ask('/metrics')).text).toMatch(
      new RegExp(`kafka_consumer_lag\\{topic="${names.input}",partition="0"\\} `),
    )
    process.signal('SIGTERM')
    expect(await process.exitCode(30_000)).toBe(0)
    expect((await values(names.output)).sort()).toEqual(['ONE', 'TWO'])
    expect(await peer.lag(names.name, names.input)).toBe(0)
  })

  test('a plain topology runs on topics that exist', async () => {
    const names = namesOf()
    await peer.createTopics({ [names.input]: 1, [names.output]: 1 })
    await peer.send(names.input, [{ key: 'a', value: 'one' }])
    const { process } = await started([moduleText(names, 'topology')])
    await until(async () => (await peer.count(names.output)) === 1, 60_000, 'the result is there')
    process.signal('SIGTERM')
    expect(await process.exitCode(30_000)).toBe(0)
  })

  test('two modules in one process are two groups, and the probes of the second are on the next port', async () => {
    const [first, second] = [namesOf(), namesOf()]
    const { process, ask } = await started([moduleText(first, 'worker'), moduleText(second, 'worker')])
    await until(async () => (await ask('/ready')).status === 200, 60_000, 'the first is ready')
    await until(async () => (await ask('/ready', 1)).status === 200, 60_000, 'the second is ready')
    const groups = await Promise.all([first, second].map(({ name }) => driver.admin().describeGroup(name)))
    expect(groups.map(({ state, members }) => [state, members.length])).toEqual([
      ['Stable', 1],
      ['Stable', 1],
    ])
    process.signal('SIGTERM')
    expect(await process.exitCode(30_000)).toBe(0)
  })

  test('its threads are members of the group', async () => {
    const names = namesOf()
    const { process, ask } = await started([moduleText(names, 'worker')], { THREADS: '2' })
    await until(async () => (await ask('/ready')).status === 200, 60_000, 'it is ready')
    expect((await driver.admin().describeGroup(names.name)).members).toHaveLength(2)
    process.signal('SIGTERM')
    expect(await process.exitCode(30_000)).toBe(0)
  })
})
