import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtProgram } from '../../support/built.ts'

let folder: string
let children: ChildProcess[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-lock-'))
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** A process, and the first line that it writes. */
async function start(): Promise<{ readonly child: ChildProcess; readonly line: string }> {
  const script = join(import.meta.dirname, 'locking-worker.mjs')
  const child = spawn(process.execPath, [script, builtProgram('src/index'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  children.push(child)
  const [chunk] = await once(child.stdout as NodeJS.ReadableStream, 'data')
  return { child, line: String(chunk).trim() }
}

test('a second process on a state directory is refused with who holds it and what to do', async () => {
  const first = await start()
  expect(first.line).toBe('running')
  const second = await start()
  expect(second.line).toContain('STATE_DIRECTORY_IN_USE')
  expect(second.line).toContain(join(folder, 'locked'))
  expect(second.line).toContain(`process ${first.child.pid}`)
  expect(second.line).toContain('give each process its own stateDirectory')
}, 120_000)

test('a process that was killed leaves no lock', async () => {
  const first = await start()
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  expect((await start()).line).toBe('running')
}, 120_000)

test('a process that is suspended still holds its directory', async () => {
  const first = await start()
  first.child.kill('SIGSTOP')
  expect((await start()).line).toContain('STATE_DIRECTORY_IN_USE')
}, 120_000)

test('of many processes that start at once on the directory of one that was killed, one alone gets it', async () => {
  const first = await start()
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  const lines = (await Promise.all(Array.from({ length: 5 }, start))).map(({ line }) => line)
  expect(lines.filter((line) => line === 'running')).toHaveLength(1)
  expect(lines.filter((line) => line.startsWith('STATE_DIRECTORY_IN_USE'))).toHaveLength(4)
}, 120_000)
