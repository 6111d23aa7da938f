import { spawn } from 'node:child_process'
import { wholeTopic } from '../../src/kafka/record-ranges.ts'
import { RecordReader } from '../../src/kafka/record-reader.ts'
import { type KafkaDriver, openKafka, silentLogger, startStreams, type Streams } from '../../src/index.ts'
import { accounts, checkTopology, isBroken, isRefused, topicsOf } from './topology.ts'
import { writePayments } from './payments.ts'

export interface CheckOptions {
  readonly bootstrap: string
  /** Names the group, and begins the names of its topics. */
  readonly applicationId: string
  readonly payments: number
  /** The compiled command line, and the compiled module with the topology. */
  readonly programs: { readonly cli: string; readonly module: string }
  readonly say: (line: string) => void
}

/** One line of the account. */
export interface AccountLine {
  readonly what: string
  readonly expected: string
  readonly found: number
  readonly ok: boolean
}

const silenceMs = 10_000
const lookMs = 200
const waitMaxMs = 120_000
const attemptsMax = 3

/**
 * Payments fail in an application, the application is repaired, and `millrace dlq replay` brings them back, killed once
 * on the way. Resolves with the account of every payment and letter.
 */
export async function runLetterCheck(options: CheckOptions): Promise<readonly AccountLine[]> {
  const run = new LetterCheck(options)
  try {
    return await run.account()
  } finally {
    await run.close()
  }
}

class LetterCheck {
  readonly #options: CheckOptions
  readonly #kafka: KafkaDriver
  readonly #topics: ReturnType<typeof topicsOf>
  #streams: Streams | undefined

  constructor(options: CheckOptions) {
    this.#options = options
    this.#kafka = openKafka({ bootstrap: options.bootstrap })
    this.#topics = topicsOf(options.applicationId)
  }

  async account(): Promise<readonly AccountLine[]> {
    const { payments, say } = this.#options
    const { letters, retry, checked, totals } = this.#topics
    const numbers = Array.from({ length: payments }, (_, index) => index)
    const broken = numbers.filter(isBroken).length
    const refused = numbers.filter((number) => isRefused(number) && !isBroken(number)).length
    await this.#createTopics()
    await this.#start('old')
    await writePayments(this.#kafka, this.#topics.payments, payments)
    await this.#until('the first letters', async () => (await this.#records(letters)) === refused + broken)
    say(`${payments} payments, ${refused + broken} dead letters; the application is repaired`)
    const listed = (await this.#dlq('list')) as { readonly open: number }
    await this.#stop()
    await this.#start('repaired')
    await this.#killOnTheWay(Math.floor((refused + broken) / 3))
    const beforeKill = await this.#noted()
    say(`dlq replay was killed after ${beforeKill} letters`)
    let rounds = 1
    for (; await this.#replayRound(); rounds++) await this.#settled()
    say(`${rounds} rounds of dlq replay; nothing is left to send`)
    const open = ((await this.#dlq('list')) as { readonly open: number }).open
    await this.#stop()
    const sent = refused + broken * attemptsMax
    const ids = await this.#values(checked, (value) => (JSON.parse(value) as { readonly id: string }).id)
    const counts = await this.#totals(totals)
    const good = payments - broken
    return [
      line('letters listed after the failure', refused + broken, listed.open),
      line('records that the retry topic received', sent, await this.#records(retry), attemptsMax),
      line('records added to the topic that others read', 0, (await this.#records(this.#topics.payments)) - payments),
      line('payments that came through', good, new Set(ids).size),
      line('payments that came through twice', 0, ids.length - new Set(ids).size, 1),
      line('payments in the counts by account', good, counts, 1),
      line('letters in the topic', refused + broken * (1 + attemptsMax), await this.#records(letters), attemptsMax),
      line('letters noted as replayed', sent, await this.#noted(), attemptsMax - 1),
      line('letters that stay open at the cap', broken, open, 1),
    ]
  }

  async close(): Promise<void> {
    await this.#stop()
    await this.#kafka.close()
  }

  async #createTopics(): Promise<void> {
    const topics = Object.values(this.#topics).map((name) => ({
      name,
      partitions: 3,
      replicationFactor: 1,
      configs: {},
    }))
    await this.#kafka.admin().createTopics(topics, waitMaxMs)
  }

  async #start(version: 'old' | 'repaired'): Promise<void> {
    const { bootstrap, applicationId } = this.#options
    const config = { applicationId, commitIntervalMs: 200, offsetReset: 'earliest', replicationFactor: 1 } as const
    const handlers = { processingHandler: 'continue', deserializationHandler: 'continue' } as const
    const deadLetterTopic = this.#topics.letters
    const rest = { deadLetterTopic, logger: silentLogger, kafka: { bootstrap } }
    this.#streams = await startStreams({ ...config, ...handlers, ...rest }, checkTopology(applicationId, version))
  }

  async #stop(): Promise<void> {
    await this.#streams?.close()
    this.#streams = undefined
  }

  /** Ends when nothing is left to send. */
  async #replayRound(): Promise<boolean> {
    const { letters } = (await this.#dlq('replay', this.#options.programs.module, '--execute')) as {
      readonly letters: readonly { readonly action: string }[]
    }
    return letters.some(({ action }) => action === 'send')
  }

  /** The application has committed everything that it reads. */
  async #settled(): Promise<void> {
    await this.#until('the application to read everything', async () => {
      const { applicationId } = this.#options
      const committed = await this.#kafka.admin().groupOffsets(applicationId)
      const inputs = [this.#topics.payments, this.#topics.retry, `${applicationId}-by-account-repartition`]
      const ends = (await Promise.all(inputs.map((topic) => wholeTopic(this.#kafka.admin(), topic)))).flat()
      return ends.every(({ topic, partition, end = 0 }) => {
        const offset = committed.find((one) => one.topic === topic && one.partition === partition)?.offset ?? 0
        return offset >= end
      })
    })
  }

  /** SIGKILL once so many letters are noted. */
  async #killOnTheWay(notedMin: number): Promise<void> {
    const child = this.#spawn('replay', this.#options.programs.module, '--execute', '--json')
    const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    await this.#until('some letters to be sent', async () => {
      return child.exitCode !== null || (await this.#noted()) >= notedMin
    })
    child.kill('SIGKILL')
    await exit
  }

  /** The JSON that `millrace dlq` prints. */
  async #dlq(...args: readonly string[]): Promise<unknown> {
    const child = this.#spawn(...args, '--json')
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    if (code !== 0 && code !== 1) throw new Error(`millrace dlq ${args.join(' ')} ended with ${code}`)
    return JSON.parse(out)
  }

  #spawn(...args: readonly string[]) {
    const { bootstrap, applicationId, programs } = this.#options
    const settings = {
      KAFKA_BOOTSTRAP_SERVERS: bootstrap,
      APPLICATION_ID: applicationId,
      DEAD_LETTER_TOPIC: this.#topics.letters,
      AUDIT_TOPIC: `${applicationId}-audit`,
    }
    return spawn(process.execPath, [programs.cli, 'dlq', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...settings },
    })
  }

  /** Of a topic, by its offsets; 0 where it does not exist. */
  async #records(topic: string): Promise<number> {
    const ranges = await wholeTopic(this.#kafka.admin(), topic)
    return ranges.reduce((sum, { offset, end = 0 }) => sum + end - Number(offset), 0)
  }

  /** Letters of which the ledger says that they were sent; its topic has the claims of the lock too. */
  async #noted(): Promise<number> {
    let count = 0
    await this.#each(`${this.#topics.letters}-resolved`, (key) => void (key.startsWith('lock/') || count++))
    return count
  }

  async #values<T>(topic: string, read: (value: string) => T): Promise<readonly T[]> {
    const values: T[] = []
    await this.#each(topic, (_, value) => values.push(read(Buffer.from(value).toString())))
    return values
  }

  /** The sum of the last count of each account. */
  async #totals(topic: string): Promise<number> {
    const last = new Map<string, bigint>()
    await this.#each(topic, (key, value) => last.set(key, Buffer.from(value).readBigInt64BE()))
    if (last.size > accounts) throw new Error(`${last.size} accounts instead of ${accounts}`)
    return Number([...last.values()].reduce((sum, count) => sum + count, 0n))
  }

  async #each(topic: string, take: (key: string, value: Uint8Array) => void): Promise<void> {
    const reader = new RecordReader(this.#kafka, await wholeTopic(this.#kafka.admin(), topic))
    try {
      for await (const batch of reader.batches(silenceMs)) {
        for (let index = 0; index < batch.count; index++)
          take(Buffer.from(batch.key(index) ?? []).toString(), batch.value(index) ?? new Uint8Array())
      }
    } finally {
      await reader.close()
    }
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadlineMs = performance.now() + waitMaxMs
    while (!(await isSo())) {
      if (performance.now() > deadlineMs) throw new Error(`waited ${waitMaxMs} ms for ${what}`)
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
  }
}

/** `repeatedMax`: the kill may send one record twice, which may fail again up to the cap. */
function line(what: string, expected: number, found: number, repeatedMax = 0): AccountLine {
  const ok = found >= expected && found <= expected + repeatedMax
  return { what, expected: repeatedMax === 0 ? `${expected}` : `${expected} to ${expected + repeatedMax}`, found, ok }
}
