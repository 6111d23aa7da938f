import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { json, long, string } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { commandLine } from '../../support/command-line.ts'

const pageViews = 'test/unit/cli/modules/page-views.ts'
const environment = { KAFKA_OFFSET_RESET: 'earliest', COMMIT_INTERVAL_MS: '20', OPS_PORT: '0', LOG_LEVEL: 'error' }

describe('millrace run', () => {
  test('runs a module until a signal, and ends with 0', async () => {
    const kafka = new MemoryKafka({ topics: { views: 2 } })
    let stop: (signal: string) => void = () => {}
    const stopped = new Promise<string>((resolve) => {
      stop = resolve
    })
    const views = kafka.topic('views', { key: string(), value: json<{ page: string }>() })
    views.write('somebody', { page: '/' })
    const ended = commandLine({ kafka: kafka.connection, environment, stop: stopped }).run('run', pageViews)
    await kafka.until(() => kafka.cluster.topics.has('view-counts'))
    const counts = kafka.topic('view-counts', { key: string(), value: long() })
    await kafka.until(() => counts.read().length === 1)
    stop('SIGTERM')
    expect((await ended).exitCode).toBe(0)
  })

  test('names a setting that cannot be used, and ends with 2', async () => {
    const { exitCode, errors } = await commandLine({ environment: { ...environment, THREADS: 'many' } }).run(
      'run',
      pageViews,
    )
    expect(exitCode).toBe(2)
    expect(errors).toContain('threads (THREADS)')
  })

  test('a number of threads that is not a number is refused', async () => {
    const { exitCode, errors } = await commandLine({ environment }).run('run', pageViews, '--threads', 'many')
    expect(exitCode).toBe(2)
    expect(errors).toContain('at least 1')
  })
})

describe('millrace run --memory', () => {
  const memory = (input: string, ...args: string[]) =>
    commandLine({ environment, input }).run('run', pageViews, '--memory', ...args)

  test('prints what becomes of lines on standard input, and ends when they are processed', async () => {
    const { exitCode, out, errors } = await memory('{"page":"/"}\n{"page":"/"}\n', '--input', 'views=-')
    expect(errors).toBe('')
    expect(out).toBe('view-counts  /  2\n')
    expect(exitCode).toBe(0)
  })

  test('takes records with key and time as JSON, and prints records as JSON when asked', async () => {
    const line = JSON.stringify({ key: 'ann', value: { page: '/' }, timestamp: 7 })
    const { out } = await memory(line, '--input', '-', '--json')
    expect(JSON.parse(out)).toMatchObject({ topic: 'view-counts', key: '/', value: 1, timestamp: 7 })
  })

  test('ends with 1 at a record that cannot be read, although the input is not processed', async () => {
    const { exitCode } = await memory('no JSON\n{"page":"/"}\n', '--input', 'views=-')
    expect(exitCode).toBe(1)
  })

  test('refuses input for a topic that nobody reads, and names those that are read', async () => {
    const { exitCode, errors } = await memory('', '--input', 'orders=-')
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/nobody reads topic orders: .*views/)
  })

  test('names a file of input that cannot be read', async () => {
    const { exitCode, errors } = await memory('', '--input', 'views=missing.ndjson')
    expect(exitCode).toBe(2)
    expect(errors).toMatch(/missing\.ndjson cannot be read/)
  })

  test('writes the input of the examples when none is given, until it is asked to end', async () => {
    let stop: (reason: string) => void = () => {}
    const stopped = new Promise<string>((resolve) => {
      stop = resolve
    })
    const line = commandLine({ environment, stop: stopped, onOutput: () => stop('seen') })
    const { exitCode, out } = await line.run('run', pageViews, '--memory', '--rate', '50')
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^view-counts {2}\/ {2}\d+$/m)
  })
})

const sourceOf = (path: string): string => readFileSync(new URL(`../../../src/${path}`, import.meta.url), 'utf8')

test('the command line listens for signals before it loads anything else', () => {
  const source = sourceOf('cli/main.ts')
  const imports = [...source.matchAll(/^import .* from '(.+)'$/gm)].map(([, from]) => from)
  expect(imports).toEqual(['../worker/stop-signal.ts'])
  expect(source.indexOf('stopSignal()')).toBeLessThan(source.indexOf('await import('))
})

test('what listens for signals loads nothing', () => {
  expect(sourceOf('worker/stop-signal.ts')).not.toMatch(/^import /m)
})
