import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { freePorts } from '../../../../scripts/lab/processes.mjs'
import { builtProgram } from '../../../support/built.ts'
import { sharedKafka } from '../../../support/kafka-cluster.ts'
import { KafkajsPeer } from '../../../support/kafkajs-peer.ts'
import type { ApplicationStatus } from '../../../../src/runtime/application/application-status.ts'
import { requireServer } from '../../../support/require-server.ts'
import { until } from '../../../support/until.ts'
import { WordsProcess } from './words-process.ts'

let kafka: Awaited<ReturnType<typeof sharedKafka>>
let peer: KafkajsPeer
let folder: string
let topics: string
let runs = 0
const open: WordsProcess[] = []

beforeAll(async () => {
  kafka = await sharedKafka()
  peer = await KafkajsPeer.connect(kafka.bootstrap)
})

afterAll(async () => {
  await peer?.close()
  await kafka?.stop()
})

beforeEach(async () => {
  topics = `threads-${process.pid}-${Date.now()}-${++runs}`
  folder = await mkdtemp(join(tmpdir(), 'millrace-threads-'))
  await peer.createTopics({
    [`${topics}-words`]: 4,
    [`${topics}-names`]: 1,
    [`${topics}-seen`]: 1,
    [`${topics}-counts`]: 1,
  })
  await peer.send(`${topics}-names`, [{ key: 'k0', value: 'zero' }])
})

afterEach(async () => {
  for (const each of open.splice(0)) await each.kill()
  await rm(folder, { recursive: true, force: true })
})

/** Two worker threads that run and have tasks: a thread that joins late has none while another one is held. */
async function started(options: object = {}): Promise<WordsProcess> {
  const config = {
    applicationId: topics,
    kafka: { bootstrap: [kafka.bootstrap] },
    threads: 2,
    groupProtocol: 'classic',
    stateDirectory: folder,
    commitIntervalMs: 100,
    producerLingerMs: 5,
    cacheBytesMax: 0,
    heartbeatIntervalMs: 300,
    ...options,
  }
  const child = new WordsProcess(topics, config)
  open.push(child)
  await child.ask('running')
  await untilShared(child, config.threads)
  return child
}

/** Until this many threads have all tasks between them. */
async function untilShared(child: WordsProcess, threads: number): Promise<void> {
  const shared = async () => {
    const { tasks } = await child.ask('status')
    return tasks.length === 4 && new Set(tasks.map(({ thread }) => thread)).size === threads
  }
  await until(shared, 20_000, `${threads} threads share the tasks`)
}

/** Keys of all partitions. */
const words = (count: number, word = 'word') =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index % 20}`, value: word, partition: index % 4 }))

async function seen(): Promise<readonly { readonly thread: string; readonly word: string; readonly name: string }[]> {
  return (await peer.readAll(`${topics}-seen`)).map(({ value }) => {
    const [thread = '', word = '', name = ''] = String(value).split(' ')
    return { thread, word, name }
  })
}

async function untilSeen(count: number): Promise<void> {
  await until(async () => (await peer.count(`${topics}-seen`)) >= count, 60_000, `${count} words are seen`)
}

/**
 * As `seen`, of a topic that transactions are written to. The dead thread may have left one open, so that nothing behind
 * it can be read until its successor has begun.
 */
async function seenOnce(): Promise<readonly string[]> {
  await until(async () => (await peer.lag(topics, `${topics}-words`)) === 0, 40_000, 'all words are committed')
  const mark = () => peer.send(`${topics}-seen`, [{ key: 'mark', value: 'mark' }])
  const [written] = await mark()
  const offset = Number(written?.baseOffset)
  await until(async () => (await peer.count(`${topics}-seen`)) > offset, 40_000, 'no transaction is open')
  // The end of a transaction may be behind the first mark, and kafkajs waits for a record there.
  await mark()
  return (await seen()).flatMap(({ thread, word }) => (thread === 'mark' ? [] : [word]))
}

async function members(): Promise<number> {
  const { groups } = await peer.admin.describeGroups([topics])
  return groups[0]?.members.length ?? 0
}

/** A word that ends its thread in this way, once. */
const ending = (kind: string) => ({ key: 'k0', value: `${kind}!${join(folder, kind)}`, partition: 0 })

async function untilCounted(child: WordsProcess, count: number): Promise<void> {
  // A task that moves has no store for a moment.
  const counted = () => child.ask('get', 'counts', 'k7').catch(() => undefined)
  await until(async () => (await counted()) === count, 20_000, `${count} words are counted`)
}

requireServer('kafka').describe('worker threads on a real broker', () => {
  test('share the tasks of a group of the streams protocol, and leave it', async () => {
    const child = await started({ groupProtocol: 'streams', stateDirectory: undefined })
    await peer.send(`${topics}-words`, words(400))
    await untilSeen(400)
    const threads = new Set((await seen()).map(({ thread }) => thread))
    expect(threads.size).toBe(2)
    expect(threads.has('0')).toBe(false)
    await child.ask('close')
    expect(await peer.lag(topics, `${topics}-words`)).toBe(0)
    expect(await child.ask('errors')).toEqual([])
  }, 60_000)

  test('each has its stores and tables; status, queries, pauses and what handlers drop are those of all', async () => {
    const child = await started()
    await child.ask('pause')
    await peer.send(`${topics}-words`, [...words(400), ending('refuse')])
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await peer.count(`${topics}-seen`)).toBe(0)
    await child.ask('resume')
    await untilSeen(400)
    const records = await seen()
    expect(new Set(records.map(({ thread }) => thread)).size).toBe(2)
    expect(records.filter(({ name }) => name === 'zero')).toHaveLength(20)

    await until(async () => (await child.ask('status')).totals.processed === 401, 5000, 'all records are counted')
    const { threads, tasks, totals, kafka: brokers } = await child.ask('status')
    expect(threads.map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING'])
    expect(tasks).toHaveLength(4)
    expect(brokers.brokers[0]?.isConnected).toBe(true)
    expect(totals.droppedByTopic).toEqual({ [`${topics}-words`]: { 'processing failed': 1 } })

    expect(await child.ask('get', 'counts', 'k7')).toBe(20)
    expect(await child.ask('get', 'counts', 'unknown')).toBeUndefined()
    const rows = await child.ask('all', 'counts')
    expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: 20 }, (_, index) => `k${index}`).sort())
    expect(await child.ask('get', 'names', 'k0')).toBe('zero')
    await expect(child.ask('query', 'counts')).rejects.toMatchObject({ code: 'STORE_IN_WORKER_THREAD' })
    await expect(child.ask('all', 'nothing')).rejects.toMatchObject({ code: 'STORE_NOT_FOUND' })

    await child.ask('close')
    expect(await members()).toBe(0)
    expect(await peer.lag(topics, `${topics}-words`)).toBe(0)
  }, 60_000)

  test('threads are added and removed while the application runs', async () => {
    const child = await started({ threads: 1, threadKind: 'worker' })
    const added = await child.ask('add')
    await untilShared(child, 2)
    expect(await members()).toBe(2)
    await peer.send(`${topics}-words`, words(100))
    await untilSeen(100)
    expect(new Set((await seen()).map(({ thread }) => thread)).size).toBe(2)
    expect(await child.ask('remove')).toBe(added)
    expect(await members()).toBe(1)
    await peer.send(`${topics}-words`, words(100))
    await untilSeen(200)
    await untilCounted(child, 10)
    await until(async () => (await child.ask('status')).totals.processed === 200, 5000, 'all records are counted')
  }, 60_000)

  test('a thread that ends by itself is replaced, its member leaves at once, and its state is opened again', async () => {
    const child = await started()
    const endings = ['exit', 'throw', 'memory']
    for (const [index, kind] of endings.entries()) {
      await peer.send(`${topics}-words`, [ending(kind), ...words(100)])
      // Well before the session of a dead member is over.
      await until(async () => (await child.ask('errors')).length === index + 1, 20_000, `${kind} ends a thread`)
      await untilCounted(child, 5 * (index + 1))
    }
    const fatal = { code: 'WORKER_THREAD_DIED', consequence: 'fatal' }
    expect(await child.ask('errors')).toMatchObject([fatal, fatal, fatal])
    await child.ask('running')
    expect(await members()).toBe(2)
  }, 60_000)

  test.each(['classic', 'streams'])(
    'exactly-once: a thread that dies in the middle of a transaction repeats nothing: %s',
    async (groupProtocol) => {
      const child = await started({ processingGuarantee: 'exactly-once', groupProtocol, commitIntervalMs: 500 })
      const unique = Array.from({ length: 200 }, (_, at) => ({
        key: `k${at % 20}`,
        value: `w${at}`,
        partition: at % 4,
      }))
      const last = ending('exit')
      await peer.send(`${topics}-words`, [...unique.slice(0, 150), last, ...unique.slice(150)])
      await until(async () => (await child.ask('errors')).length > 0, 20_000, 'a thread dies')
      await untilCounted(child, 10)
      expect((await child.ask('errors')).map(({ code }) => code)).toEqual(['WORKER_THREAD_DIED'])
      expect([...(await seenOnce())].sort()).toEqual([...unique, last].map(({ value }) => value).sort())
    },
    60_000,
  )

  test('millrace run gives each thread of a module a core; its pages show the state of all', async () => {
    const [port = 0] = await freePorts(1)
    const args = [
      builtProgram('src/cli/main'),
      'run',
      join(import.meta.dirname, 'words-topology.mjs'),
      '--threads',
      '2',
    ]
    const env = {
      ...process.env,
      NODE_OPTIONS: '',
      LIBRARY: builtProgram('src/index'),
      TOPICS: topics,
      APPLICATION_ID: topics,
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap,
      KAFKA_OFFSET_RESET: 'earliest',
      STATE_DIRECTORY: folder,
      OPS_PORT: String(port),
      COMMIT_INTERVAL_MS: '100',
    }
    const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
    const ended = once(child, 'exit')
    const page = async (path: string): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}${path}`)).json()
    const working = async (): Promise<number> => {
      const { tasks = [] } = (await page('/status').catch(() => ({}))) as Partial<ApplicationStatus>
      return new Set(tasks.map(({ thread }) => thread)).size
    }
    try {
      await until(async () => (await working()) === 2, 30_000, 'both threads have tasks')
      await peer.send(`${topics}-words`, words(400))
      await untilSeen(400)
      expect(new Set((await seen()).map(({ thread }) => thread)).size).toBe(2)
      expect(await page('/state/counts/get?key="k7"')).toEqual({ rows: [{ key: 'k7', value: 20 }] })
    } finally {
      child.kill('SIGTERM')
    }
    expect((await ended)[0]).toBe(0)
  }, 60_000)

  test('a thread that is held for longer than its removal may take is ended, and the log says why', async () => {
    const child = await started({ threads: 1, threadKind: 'worker' })
    await peer.send(`${topics}-words`, [ending('hold')])
    const isHeld = async () => (await child.ask('status')).threads.some(({ sinceRoundMs }) => sinceRoundMs > 1500)
    await until(isHeld, 20_000, 'the thread is held')
    await child.ask('remove', 500)
    const died = (await child.ask('log')).filter(({ message }) => message === 'worker thread died')
    expect(died).toMatchObject([{ error: 'it did not stop within 500 ms and was ended' }])
    expect(await child.ask('errors')).toMatchObject([{ code: 'WORKER_THREAD_DIED' }])
  }, 60_000)

  test('a function that holds its thread for longer than the session keeps its tasks; the other thread works', async () => {
    const child = await started({ sessionTimeoutMs: 6000 })
    await peer.send(`${topics}-words`, [ending('hold')])
    const isHeld = async () => (await child.ask('status')).threads.some(({ sinceRoundMs }) => sinceRoundMs > 6500)
    await until(isHeld, 20_000, 'a thread is held for longer than the session')
    await peer.send(`${topics}-words`, words(40))
    await untilSeen(1)
    expect((await seen()).some(({ word }) => word.startsWith('hold'))).toBe(false)
    await rm(join(folder, 'hold'))
    await untilSeen(41)
    expect((await seen()).length).toBe(41)
    expect(await child.ask('errors')).toEqual([])
  }, 60_000)
})
