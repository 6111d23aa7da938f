import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { guardProcess, releaseProcess } from '../../scripts/lab/guard.mjs'
import type { Admin, OffsetAndMetadata } from '../../src/kafka/port.ts'
import { MemoryWatch } from '../process-memory.ts'
import type { Program } from './job-program.ts'

/** What a program needed, from its first log until all is committed. */
export interface RunCost {
  readonly recordsPerSecond: number
  /** Of the second half of the logs. */
  readonly warmRecordsPerSecond: number
  readonly cpuSecondsPerMillion: number
  readonly warmCpuSecondsPerMillion: number
  readonly brokerCpuSecondsPerMillion: number
  readonly residentMegabytesMax: number
  /** Without the pages of store files that are mapped, which the kernel takes back when it needs them. */
  readonly ownMegabytesMax: number
}

interface Moment {
  readonly ms: number
  readonly committed: number
  readonly isDone: boolean
  readonly cpuSeconds: number
}

/** What a program reads, and who else works for it. */
interface Watched {
  readonly admin: Admin
  readonly application: string
  /** The topic of the logs, and how many it has. */
  readonly input: string
  readonly logs: number
  readonly brokerPid: number
  /** What the program finds in its environment, besides that of this process. */
  readonly environment?: Readonly<Record<string, string>>
  /** Called with the id of the process. */
  readonly started?: (pid: number) => void
}

const lookEveryMs = 20
/** As long as a run may take: so much, and so much more for each log. */
const patienceMs = 600_000
const patienceMsOfLog = 0.02
const ticksPerSecond = 100

/** Processor time of a process until now, all threads. */
export function cpuSecondsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

function residentMegabytesMaxOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** Runs a program until its group has committed all logs and what it repartitioned, watched from outside. */
export async function measuredRun(
  { program, args }: Program,
  { admin, application, input, logs, brokerPid, environment, started }: Watched,
): Promise<RunCost> {
  const child = spawn(program, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const pid = child.pid as number
  guardProcess(pid)
  started?.(pid)
  const brokerBefore = cpuSecondsOf(brokerPid)
  const memory = new MemoryWatch(pid)
  const longestMs = patienceMs + logs * patienceMsOfLog
  try {
    await firstLog(child)
    const moment = async (): Promise<Moment> => {
      const offsets = await admin.groupOffsets(application)
      const committed = offsets.filter(({ topic }) => topic === input).reduce((sum, { offset }) => sum + offset, 0)
      const isDone = committed >= logs && (await areRepartitionsRead(admin, offsets))
      return { ms: performance.now(), committed, isDone, cpuSeconds: cpuSecondsOf(pid) }
    }
    const start: Moment = { ms: performance.now(), committed: 0, isDone: false, cpuSeconds: cpuSecondsOf(pid) }
    let half: Moment | undefined
    let now = start
    while (!now.isDone) {
      if (child.exitCode !== null) throw new Error(`${program} has ended`)
      if (now.ms - start.ms > longestMs) throw new Error(`${program} has not committed all logs in ${longestMs} ms`)
      await sleep(lookEveryMs)
      now = await moment()
      if (half === undefined && now.committed >= logs / 2) half = now
    }
    // A short run may commit all at once.
    const warm = half === undefined || half.committed >= logs ? start : half
    const perMillion = (cpuSeconds: number, records: number) => (cpuSeconds / records) * 1e6
    return {
      recordsPerSecond: (1000 * logs) / (now.ms - start.ms),
      warmRecordsPerSecond: (1000 * (logs - warm.committed)) / (now.ms - warm.ms),
      cpuSecondsPerMillion: perMillion(now.cpuSeconds - start.cpuSeconds, logs),
      warmCpuSecondsPerMillion: perMillion(now.cpuSeconds - warm.cpuSeconds, logs - warm.committed),
      brokerCpuSecondsPerMillion: perMillion(cpuSecondsOf(brokerPid) - brokerBefore, logs),
      residentMegabytesMax: residentMegabytesMaxOf(pid),
      ownMegabytesMax: memory.ownMbMax,
    }
  } finally {
    memory.stop()
    await closed(child)
    releaseProcess(pid)
  }
}

async function areRepartitionsRead(admin: Admin, offsets: readonly OffsetAndMetadata[]): Promise<boolean> {
  const read = offsets.filter(({ topic }) => topic.endsWith('-repartition'))
  if (read.length === 0) return true
  const ends = await admin.listOffsets(
    read.map(({ topic, partition }) => ({ topic, partition, at: 'latest' as const })),
    'read_committed',
  )
  const endOf = new Map(ends.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset] as const))
  return read.every(({ topic, partition, offset }) => offset >= (endOf.get(`${topic}/${partition}`) ?? 0))
}

async function firstLog(child: ChildProcess): Promise<void> {
  let [output, errors] = ['', '']
  child.stderr?.on('data', (chunk) => {
    errors = `${errors}${String(chunk)}`.slice(-4000)
  })
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`it ended before its first log:\n${output}\n${errors}`))
    child.once('exit', fail)
    child.stdout?.on('data', (chunk) => {
      output = `${output}${String(chunk)}`.slice(-4000)
      if (output.includes('FIRST')) resolve()
    })
  })
  child.stdout?.resume()
}

async function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await ended
  clearTimeout(timer)
}
