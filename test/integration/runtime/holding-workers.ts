import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { builtProgram } from '../../support/built.ts'

export interface HoldingWorker {
  readonly child: ChildProcess
  /** What it has said. */
  readonly lines: readonly string[]
}

/** Starts holding-worker.mjs; `more`: group protocol, state directory. */
export function startHoldingWorker(
  bootstrap: string,
  applicationId: string,
  ...more: readonly string[]
): HoldingWorker {
  const script = join(import.meta.dirname, 'holding-worker.mjs')
  const args = [script, builtProgram('src/index'), bootstrap, applicationId, ...more]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const lines: string[] = []
  let rest = ''
  child.stdout.on('data', (chunk) => {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() as string
    lines.push(...parts)
  })
  return { child, lines }
}

/** The tasks that a worker has, by what it has said. */
export function tasksOf(lines: readonly string[]): readonly string[] {
  const tasks = new Set<string>()
  for (const line of lines) {
    const [, what, fields = '{}'] = /^info tasks (assigned|revoked) (.*)$/.exec(line) ?? []
    const { active = [], tasks: revoked = [] } = JSON.parse(fields) as Record<string, string[] | undefined>
    for (const task of active) tasks.add(task)
    if (what === 'revoked') for (const task of revoked) tasks.delete(task)
  }
  return [...tasks].sort()
}
