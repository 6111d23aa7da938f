import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from '@jest/globals'

const lab = pathToFileURL(join(process.cwd(), 'scripts', 'lab')).href

/** Starts a server as a test does, says its process id and waits to be killed. */
const program = (folder: string, afterwards: string): string => `
import { guardFolder, guardProcess, releaseProcess } from '${lab}/guard.mjs'
import { startServer } from '${lab}/processes.mjs'
const pid = startServer({ program: 'sleep', args: ['60'], logFile: '${join(folder, 'log')}' })
guardProcess(pid)
guardFolder('${folder}')
${afterwards}
console.log(pid)
setInterval(() => {}, 1000)
`

describe('the guard of test servers', () => {
  test('ends a server, and removes its folder, when the process that started it is killed', async () => {
    const { starter, serverPid, folder } = await startOne('')
    starter.kill('SIGKILL')
    await until(() => !isAlive(serverPid) && !existsSync(folder))
  })

  test('leaves a process alone that was released', async () => {
    const { starter, serverPid, folder } = await startOne('releaseProcess(pid)')
    starter.kill('SIGKILL')
    await until(() => !existsSync(folder))
    expect(isAlive(serverPid)).toBe(true)
    process.kill(serverPid, 'SIGKILL')
  })
})

async function startOne(afterwards: string): Promise<{ starter: ChildProcess; serverPid: number; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-guard-'))
  const args = ['--input-type=module', '--eval', program(folder, afterwards)]
  const starter = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const line = await new Promise<string>((resolve) => starter.stdout.once('data', (text) => resolve(String(text))))
  return { starter, serverPid: Number(line), folder }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await sleep(20)
  expect(condition()).toBe(true)
}
