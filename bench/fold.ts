import { readFileSync } from 'node:fs'
import { basename } from 'node:path'

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: CallFrame
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

const [file, rowsText = '30'] = process.argv.slice(2)
if (file === undefined) throw new Error('name a profile: npm run bench -- fold FILE.cpuprofile [rows]')
const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile
const rows = Number(rowsText)

function placeOf({ url, functionName }: CallFrame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(engine)'
  const path = url.replace('file://', '')
  if (path.includes('node_modules/')) return path.slice(path.lastIndexOf('node_modules/'))
  const known = ['src/', 'topologies/', 'fleet/', 'bench/'].map((folder) => path.lastIndexOf(`/${folder}`))
  const start = Math.max(...known)
  return start < 0 ? basename(path) : path.slice(start + 1)
}

function nameOf(frame: CallFrame): string {
  return `${frame.functionName || '(anonymous)'}  ${placeOf(frame)}:${frame.lineNumber + 1}`
}

const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
const withCallees = new Map<string, number>()
const byFunction = new Map<string, number>()
const byFile = new Map<string, number>()
let idle = 0
let busy = 0
profile.samples.forEach((id, index) => {
  const frame = frames.get(id) as CallFrame
  const us = profile.timeDeltas[index] ?? 0
  if (frame.functionName === '(idle)') {
    idle += us
    return
  }
  busy += us
  const place = placeOf(frame)
  const name = nameOf(frame)
  const stack = new Set<string>()
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    stack.add(nameOf(frames.get(at) as CallFrame))
  }
  for (const caller of stack) withCallees.set(caller, (withCallees.get(caller) ?? 0) + us)
  byFunction.set(name, (byFunction.get(name) ?? 0) + us)
  byFile.set(place, (byFile.get(place) ?? 0) + us)
})

function print(title: string, times: ReadonlyMap<string, number>): void {
  console.log(`\n${title}`)
  const sorted = [...times].sort(([, left], [, right]) => right - left).slice(0, rows)
  for (const [name, us] of sorted) {
    console.log(`${((us / busy) * 100).toFixed(1).padStart(5)} %  ${(us / 1000).toFixed(0).padStart(6)} ms  ${name}`)
  }
}

console.log(`busy ${(busy / 1e6).toFixed(2)} s, idle ${(idle / 1e6).toFixed(2)} s`)
print('self time by function', byFunction)
print('self time by file', byFile)
print('time by function, with what it calls', withCallees)
