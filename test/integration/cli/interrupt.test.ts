import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from '@jest/globals'
import { builtProgram } from '../../support/built.ts'

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s ends a command that waits for a broker which says nothing',
  async (signal, code) => {
    const broker = createServer(() => {}).listen(0, '127.0.0.1')
    await once(broker, 'listening')
    const { port } = broker.address() as AddressInfo
    const args = ['dlq', 'list', '--topic', 'letters', '--bootstrap', `127.0.0.1:${port}`]
    const command = spawn(process.execPath, [builtProgram('src/cli/main'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    command.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
    const ended = once(command, 'close')
    await once(broker, 'connection')
    command.kill(signal)
    expect([(await ended)[0], errors]).toEqual([code, expect.stringContaining(`millrace: ended by ${signal}`)])
    broker.close()
  },
  120_000,
)
