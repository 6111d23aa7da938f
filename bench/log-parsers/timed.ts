import { spawn } from 'node:child_process'
import type { Cost } from './peer.ts'

const timeoutMs = 600_000

/** A program that runs; `ended` resolves when it has ended well. */
export interface TimedProcess {
  readonly ended: Promise<Cost>
}

/** Runs a program under `time` of bash, which knows the processor time of a process that has ended. */
export function timed(program: string, args: readonly string[]): TimedProcess {
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%3R %3U %3S"; time "$@"', 'bash', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: timeoutMs,
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const ended = new Promise<Cost>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => {
      const lines = errors.trim().split('\n')
      const [seconds = 0, user = 0, system = 0] = (lines.pop() ?? '').split(' ').map(Number)
      if (code === 0) resolve({ seconds, cpuSeconds: user + system })
      else reject(new Error(`${program} ended with code ${code}: ${lines.slice(-5).join('\n')}`))
    })
  })
  return { ended }
}
