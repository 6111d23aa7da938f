import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { json, long, silentLogger, startStreams, type Streams, string } from '../../../src/index.ts'
import { bytes } from '../../../src/serde/primitives.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { type CommandLine, commandLine } from '../../support/command-line.ts'
import { type Payment, payments, rules, withRetries } from './modules/payments.ts'

const module = 'test/unit/cli/modules/payments.ts'
const environment = { DEAD_LETTER_TOPIC: 'letters' }
let memory: MemoryKafka
let millrace: CommandLine
let streams: Streams | undefined

beforeEach(() => {
  rules.leastAmount = 0
  const topics = { payments: 2, 'payments-retry': 2, checked: 1, 'payment-counts': 1, letters: 2 }
  memory = new MemoryKafka({ topics })
  millrace = commandLine({ kafka: memory.connection, environment })
})
afterEach(stop)

async function start(applicationId = 'payments', topology = payments): Promise<void> {
  const handlers = { processingHandler: 'continue', deserializationHandler: 'continue' } as const
  const options = { applicationId, commitIntervalMs: 20, offsetReset: 'earliest', ...handlers } as const
  const config = { ...options, deadLetterTopic: 'letters', logger: silentLogger, kafka: memory.connection }
  streams = await startStreams(config, topology)
}
async function stop(): Promise<void> {
  await streams?.close()
  streams = undefined
}
function pay(amounts: readonly number[], timestamp = 1000): void {
  const topic = memory.topic('payments', { key: string(), value: json<Payment>() })
  for (const amount of amounts) topic.write(`key ${amount}`, { amount }, { timestamp })
}
const letters = () => memory.topic('letters', { key: string(), value: bytes() }).read()
const paid = () => memory.topic('payments', { key: string(), value: json<Payment>() }).read()
const headersOf = (headers: readonly { key: string; value: Uint8Array | null }[]) =>
  Object.fromEntries(headers.map(({ key, value }) => [key, Buffer.from(value ?? []).toString()]))
/** The application wrote so many letters, and committed. */
async function lettersWritten(count: number): Promise<void> {
  await memory.until(() => letters().length === count && memory.uncommitted('payments', 'payments') === 0)
}
async function readJson(...args: readonly string[]) {
  const { out } = await millrace.run('dlq', ...args, '--json')
  return JSON.parse(out) as never
}
interface Listed {
  readonly open: number
  readonly groups: readonly { readonly error: string; readonly node: string; readonly example: string }[]
}
const list = (...args: readonly string[]): Promise<Listed> => readJson('list', ...args)

describe('millrace dlq list', () => {
  test('counts open letters by error, node, source and topology', async () => {
    await start()
    pay([-1, -2, 3])
    memory.topic('payments', { key: string(), value: bytes() }).write('key', Buffer.from('no json'))
    await lettersWritten(3)
    expect(await list()).toMatchObject({
      open: 3,
      groups: [
        {
          open: 2,
          error: 'NEGATIVE',
          node: 'check',
          source: 'payments',
          application: 'payments',
          topology: payments.build().hash(),
        },
        { open: 1, error: 'MALFORMED_BYTES', source: 'payments' },
      ],
    })
  })

  test.each([
    ['--error', 'NEGATIVE', 1],
    ['--error', 'POSITIVE', 0],
    ['--node', 'check', 1],
    ['--node', 'other', 0],
    ['--source', 'payments', 1],
    ['--source', 'orders', 0],
    ['--application', 'orders', 0],
    ['--topology', payments.build().hash().slice(0, 8), 1],
    ['--topology', '0000000000', 0],
    ['--since', '1970-01-01T00:00:01Z', 1],
    ['--until', '1970-01-01T00:00:01Z', 0],
  ] as const)('with %s %s counts %i', async (option, value, open) => {
    await start()
    pay([-1])
    await lettersWritten(1)
    expect(await list(option, value)).toMatchObject({ open })
  })

  test('ends with 1 while letters are open, and with 0 otherwise', async () => {
    await start()
    expect((await millrace.run('dlq', 'list')).exitCode).toBe(0)
    pay([-1])
    await lettersWritten(1)
    expect((await millrace.run('dlq', 'list')).exitCode).toBe(1)
  })

  test('says what to give where the topic is not known or not there', async () => {
    const nowhere = await commandLine({ kafka: memory.connection }).run('dlq', 'list')
    expect(nowhere).toMatchObject({ exitCode: 2, errors: expect.stringContaining('DEAD_LETTER_TOPIC') })
    const missing = await millrace.run('dlq', 'list', '--topic', 'nothing')
    expect(missing).toMatchObject({ exitCode: 2, errors: expect.stringContaining('nothing does not exist') })
  })
})

describe('millrace dlq show', () => {
  test('prints the reason, where the record was, and the record', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    const id = (await list()).groups[0]?.example ?? ''
    const { out } = await millrace.run('dlq', 'show', id)
    expect(out).toMatch(/error: NEGATIVE\nreason: the payment is -1/)
    expect(out).toMatch(/source: payments-\d@0, 1970-01-01T00:00:01.000Z/)
    expect(out).toMatch(/key: key -1\nvalue: {"amount":-1}/)
  })

  test('prints the bytes in hex', async () => {
    memory.topic('letters', { key: string(), value: bytes() }).write('k', Buffer.from([0, 255]), { partition: 0 })
    expect(await readJson('show', '0@0', '--as', 'hex')).toMatchObject({ key: '0x6b', value: '0x00ff' })
  })

  test('hides fields by name, and what looks like a secret', async () => {
    const value = { amount: 5, iban: 'DE89', password: 'hunter2', note: 'Authorization: Bearer abcdef0123456789' }
    const topic = memory.topic('letters', { key: string(), value: json<object>() })
    topic.write('k', value, { partition: 0, headers: [{ key: 'Cookie', value: Buffer.from('a=b') }] })
    const { out } = await millrace.run('dlq', 'show', '0@0', '--redact', 'iban')
    expect(out).not.toMatch(/DE89|hunter2|abcdef|a=b/)
    expect(out).toContain('"amount":5')
  })

  test('ends with 1 for a letter that is not there', async () => {
    expect(await millrace.run('dlq', 'show', '0@7')).toMatchObject({ exitCode: 1 })
  })
})

describe('millrace dlq replay', () => {
  test('sends nothing without --execute, and shows what it would do', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    const { exitCode, out } = await millrace.run('dlq', 'replay', module)
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/1 +NEGATIVE +send +payments\n.*--execute/)])
    expect([paid().length, (await list()).open]).toEqual([1, 1])
  })

  test('brings a record back into the state of the running application', async () => {
    await start()
    pay([-1, 5])
    await lettersWritten(1)
    rules.leastAmount = -10
    expect(await millrace.run('dlq', 'replay', module, '--execute')).toMatchObject({ exitCode: 0 })
    const counts = memory.topic('payment-counts', { key: string(), value: long() })
    await memory.until(() => counts.read().some(({ key }) => key === 'refund'))
    expect(counts.read().filter(({ key }) => key === 'refund')).toMatchObject([{ value: 1 }])
    expect((await list()).open).toBe(0)
  })

  test('sends key, value, time and headers to the partition where the record was', async () => {
    const topic = memory.topic('payments', { key: string(), value: json<Payment>() })
    topic.write('k', { amount: -1 }, { partition: 1, timestamp: 7, headers: [{ key: 'h', value: Buffer.from('v') }] })
    await start()
    await lettersWritten(1)
    await stop()
    await millrace.run('dlq', 'replay', module, '--execute')
    const [, again] = paid()
    expect(again).toMatchObject({ key: 'k', value: { amount: -1 }, timestamp: 7, partition: 1 })
    expect(headersOf(again?.headers ?? [])).toEqual({ h: 'v', 'millrace-attempts': '1 payments' })
  })

  test('stops at the cap: a record that always fails becomes a letter for each attempt, and no more', async () => {
    await start()
    pay([-1])
    for (let attempts = 0; attempts < 3; attempts++) {
      await lettersWritten(attempts + 1)
      await millrace.run('dlq', 'replay', module, '--execute')
    }
    await lettersWritten(4)
    const { exitCode, out } = await millrace.run('dlq', 'replay', module, '--execute')
    expect([exitCode, out]).toEqual([1, expect.stringContaining('it was tried again 3 times')])
    expect(paid()).toHaveLength(4)
    const attempts = letters().map(({ headers }) => headersOf(headers)['millrace-attempts'] ?? '0')
    expect(attempts.sort()).toEqual(['0', '1 payments', '2 payments', '3 payments'])
  })

  test('sends a letter once, however often it is run', async () => {
    await start()
    pay([-1, -2])
    await lettersWritten(2)
    await stop()
    await millrace.run('dlq', 'replay', module, '--limit', '1', '--execute')
    expect(paid()).toHaveLength(3)
    await millrace.run('dlq', 'replay', module, '--execute')
    await millrace.run('dlq', 'replay', module, '--execute')
    expect(paid()).toHaveLength(4)
  })

  test('sends no letter twice where two run concurrently', async () => {
    await start()
    pay([-1, -2, -3, -4, -5])
    await lettersWritten(5)
    await stop()
    const runs = [1, 2, 3].map(() => millrace.run('dlq', 'replay', module, '--execute'))
    const ended = await Promise.all(runs)
    expect(paid()).toHaveLength(10)
    for (const { exitCode, out, errors } of ended)
      expect(exitCode === 0 ? out : errors).toMatch(/sent; a letter|nothing to send|sends letters of this topic/)
    expect((await list()).open).toBe(0)
  })

  test('takes the retry topic where the same source reads one', async () => {
    await start('with-retries', withRetries)
    memory.topic('payments', { key: string(), value: bytes() }).write('key', Buffer.from('no json'), { partition: 1 })
    await memory.until(() => letters().length === 1)
    await stop()
    const settings = { ...environment, APPLICATION_ID: 'with-retries' }
    await commandLine({ kafka: memory.connection, environment: settings }).run('dlq', 'replay', module, '--execute')
    const again = memory.topic('payments-retry', { key: string(), value: bytes() }).read()
    expect(again).toMatchObject([{ key: 'key', value: Buffer.from('no json'), partition: 1 }])
  })

  /** A letter as the runtime writes it, without what does not matter here. */
  function letter(more: Readonly<Record<string, string>>): void {
    const names = { exception: 'TOO_LARGE', topic: 'payments', partition: '1', offset: '0', ...more }
    const headers = Object.entries(names).map(([name, text]) => ({
      key: `__streams.errors.${name}`,
      value: Buffer.from(text),
    }))
    memory.topic('letters', { key: string(), value: bytes() }).write('k', Buffer.from('refused'), { headers })
  }

  test('reads the record again where the letter does not hold all of it', async () => {
    const topic = memory.topic('payments', { key: string(), value: json<Payment>() })
    topic.write('k', { amount: 5 }, { partition: 1, timestamp: 7 })
    letter({ 'value-left-out': '2000000 bytes' })
    await millrace.run('dlq', 'replay', module, '--execute')
    expect(paid()[1]).toMatchObject({ key: 'k', value: { amount: 5 }, partition: 1, timestamp: 7 })
  })

  test('holds a letter whose record is nowhere any more', async () => {
    letter({ 'value-left-out': '2000000 bytes' })
    const { exitCode, out } = await millrace.run('dlq', 'replay', module, '--execute')
    expect([exitCode, out]).toEqual([1, expect.stringContaining('payments no longer has the record')])
    expect((await list()).open).toBe(1)
  })

  test('sends what an output topic refused to that topic', async () => {
    letter({ topic: 'checked', partition: '0', offset: '-1' })
    await millrace.run('dlq', 'replay', module, '--execute')
    expect(memory.topic('checked', { key: string(), value: bytes() }).read()).toMatchObject([
      { key: 'k', value: Buffer.from('refused') },
    ])
  })

  test.each([
    [{ topic: 'orders' }, 'the topology does not read orders'],
    [{ partition: '9' }, 'payments has 2 partitions, and it was of 9'],
    [{ partition: 'none' }, 'it has no source record'],
  ])('holds a letter with %j', async (more, reason) => {
    letter(more)
    const { exitCode, out } = await millrace.run('dlq', 'replay', module)
    expect([exitCode, out]).toEqual([1, expect.stringContaining(reason)])
  })

  test('leaves letters of other applications alone', async () => {
    await start('others')
    pay([-1])
    await memory.until(() => letters().length === 1)
    expect(await millrace.run('dlq', 'replay', module, '--json')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('[]'),
    })
  })

  test('holds letters of a topic that other groups read, and names them', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    const other = { applicationId: 'reporting', logger: silentLogger, kafka: memory.connection }
    const reporting = await startStreams({ ...other, processingHandler: 'continue' }, payments)
    await reporting.application.waitFor('RUNNING', 10_000)
    const heldBack = await millrace.run('dlq', 'replay', module)
    await reporting.close()
    expect(heldBack).toMatchObject({ exitCode: 1, out: expect.stringContaining('also read by reporting') })
    expect(await millrace.run('dlq', 'replay', module, '--allow-shared')).toMatchObject({ exitCode: 0 })
  })

  test('is recorded in the audit topic', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    await millrace.run('dlq', 'replay', module, '--execute')
    const entries = memory.topic('millrace-audit', { key: string(), value: json<object>() }).read()
    expect(entries.map(({ value }) => value)).toMatchObject([
      { state: 'planned', command: `dlq replay ${module}`, user: 'somebody@somewhere' },
      { state: 'done', result: [{ error: 'NEGATIVE', letters: 1 }] },
    ])
  })
})

describe('millrace dlq resolve', () => {
  test('changes nothing without --execute', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    expect(await millrace.run('dlq', 'resolve', '--error', 'NEGATIVE')).toMatchObject({ exitCode: 0 })
    expect((await list()).open).toBe(1)
  })

  test('is refused where nothing chooses letters', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    const { exitCode, errors } = await millrace.run('dlq', 'resolve', '--execute')
    expect([exitCode, errors]).toEqual([2, expect.stringContaining('no letters are chosen')])
    expect((await list()).open).toBe(1)
  })

  test('marks letters as done, and show says by whom and why', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    const id = (await list()).groups[0]?.example ?? ''
    await millrace.run('dlq', 'resolve', id, '--reason', 'test data', '--execute')
    expect((await list()).open).toBe(0)
    const { out } = await millrace.run('dlq', 'show', id)
    expect(out).toMatch(/resolved by somebody@somewhere[^]*remark: test data/)
  })

  test('forgets nothing that belongs to a topic that was created again', async () => {
    await start()
    pay([-1])
    await lettersWritten(1)
    await stop()
    await millrace.run('dlq', 'resolve', '--error', 'NEGATIVE', '--execute')
    memory.cluster.deleteTopic('letters')
    memory.createTopic('letters', 2)
    for (const partition of [0, 1])
      memory.topic('letters', { key: string(), value: string() }).write('k', 'v', { partition })
    expect((await list()).open).toBe(2)
  })
})
