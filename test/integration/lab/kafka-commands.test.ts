import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { freePorts } from '../../../scripts/lab/processes.mjs'
import { requireServer } from '../../support/require-server.ts'

const root = process.cwd()

function run(script: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(root, 'scripts', 'kafka', script), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  })
}

requireServer('kafka').describe('npm run kafka:up and kafka:down', () => {
  const started: number[] = []

  afterAll(() => {
    for (const port of started) run('down.mjs', ['--port', String(port)])
  })

  test('start a cluster whose address is printed alone, and stop it without a trace', async () => {
    const [port = 0] = await freePorts(1)
    started.push(port)
    const up = run('up.mjs', ['--port', String(port)])
    expect(up.stdout).toBe(`127.0.0.1:${port}\n`)
    expect(await accepts(port)).toBe(true)
    const again = run('up.mjs', ['--port', String(port)])
    expect([again.status, again.stderr]).toEqual([
      2,
      `a cluster on port ${port} is up: stop it with npm run kafka:down\n`,
    ])
    expect(run('down.mjs', ['--port', String(port)]).stdout).toBe(`stopped kafka-${port}\n`)
    expect(await accepts(port)).toBe(false)
    expect(existsSync(join(root, '.lab', `kafka-${port}`))).toBe(false)
  })
})

describe('npm run kafka:up', () => {
  test.each([
    [
      'where Java is missing',
      [],
      { PATH: '', JAVA_HOME: '' },
      'Java 17 or newer was not found: install a JDK or set JAVA_HOME\n',
    ],
    ['with a number of nodes that is not offered', ['--nodes', '2'], {}, '--nodes is 2: give 1 or 3\n'],
    ['with a port that is none', ['--port', 'x'], {}, '--port is x: give 1024 to 65000\n'],
  ])('%s says so in one line and ends with code 2', (_name, args, environment, line) => {
    const { status, stdout, stderr } = run('up.mjs', args, environment)
    expect([status, stdout, stderr]).toEqual([2, '', line])
  })
})

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
