import { describe, expect, test } from '@jest/globals'
import { silentLogger } from '../../../src/index.ts'
import { MemoryKafka } from '../../../src/testing/index.ts'
import { defineService, runWorker } from '../../../src/worker/index.ts'
import { commandLine } from '../../support/command-line.ts'
import echo, { echoes } from '../cli/modules/echo-service.ts'

const module = 'test/unit/cli/modules/echo-service.ts'
const ops = { OPS_PORT: '0', LOG_LEVEL: 'error' }

describe('a service', () => {
  test('is run until a signal, with its topics, and closed', async () => {
    const memory = new MemoryKafka()
    let stop: (signal: string) => void = () => {}
    const stopped = new Promise<string>((resolve) => {
      stop = resolve
    })
    const environment = { ...ops, ECHO_TOPIC: 'first' }
    const ended = runWorker(echo, { environment, kafka: memory.connection, stop: stopped, logger: silentLogger })
    await memory.until(() => echoes.has('first'))
    expect(memory.cluster.topic('first').logs).toHaveLength(2)
    stop('SIGTERM')
    expect([await ended, echoes.get('first')?.isClosed]).toEqual([0, true])
  })

  test('ends the process with 1 when it has failed', async () => {
    const memory = new MemoryKafka()
    const environment = { ...ops, ECHO_TOPIC: 'second' }
    const never = new Promise<string>(() => {})
    const ended = runWorker(echo, { environment, kafka: memory.connection, stop: never, logger: silentLogger })
    await memory.until(() => echoes.has('second'))
    echoes.get('second')?.fail(new Error('no more'))
    expect([await ended, echoes.get('second')?.isClosed]).toEqual([1, true])
  })

  test('is a module of millrace run, and what it cannot start with is one line', async () => {
    const memory = new MemoryKafka()
    const millrace = commandLine({ kafka: memory.connection, environment: { ...ops, ECHO_TOPIC: 'refused' } })
    const { exitCode, errors } = await millrace.run('run', module)
    expect(exitCode).toBe(2)
    expect(errors).toContain('the echo does not start')
  })

  test.each([
    ['describe', module],
    ['run', module, '--memory'],
  ])('has no topology for millrace %s', async (...command) => {
    const { exitCode, errors } = await commandLine({ environment: ops }).run(...command)
    expect(exitCode).toBe(2)
    expect(errors).toContain('exports the service echo, which has no topology: only millrace run on a Kafka takes it')
  })

  test('has a name and a start', () => {
    expect(() => defineService({ name: '', start: echo.start })).toThrow(/name is ''/)
    expect(() => defineService({ name: 'x', start: 3 as never })).toThrow(/start is 3/)
  })
})
