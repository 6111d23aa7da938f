import { consequenceOf, MillraceError } from '../../src/core/errors.ts'
import { FaultPlan, type PlannedFault } from '../../src/testing/fault-plan.ts'
import { FaultWorld, type Outcome, type Process } from './fault-world.ts'

/** Plays to the end under the plan and returns the process that holds all stores. */
type Scenario = (run: FaultWorld, plan: FaultPlan) => Promise<Process>

export const scenarios: Readonly<Record<string, Scenario>> = {
  async processing(run, plan) {
    run.write(12)
    const only = run.process('a', plan)
    await run.settle()
    run.write(12)
    await run.settle()
    return only
  },
  async restoring(run, plan) {
    run.write(16)
    const first = run.process('a')
    await run.settle()
    await first.close()
    run.write(4)
    const second = run.process('b', plan)
    await run.settle()
    run.write(4)
    await run.settle()
    return second
  },
  async 'failing over to a standby'(run, plan) {
    run.write(12)
    const first = run.process('a', new FaultPlan(), 1)
    await run.settle()
    const second = run.process('b', plan, 1)
    await run.settle()
    run.write(6)
    await run.settle()
    await run.world.run(500)
    await first.crash()
    run.write(6)
    await run.settle()
    return second
  },
  async 'handing over'(run, plan) {
    run.write(12)
    const first = run.process('a', plan)
    await run.settle()
    const second = run.process('b')
    run.write(6)
    await run.settle()
    await first.close()
    run.write(6)
    await run.settle()
    return second
  },
  /** Both can fail, while tasks move between them and to a third. */
  async rebalancing(run, plan) {
    run.write(8)
    const first = run.process('a', plan, 1)
    const second = run.process('b', plan, 1)
    await run.world.run(10)
    run.write(8)
    await run.settle()
    const third = run.process('c')
    await run.world.run(10)
    run.write(4)
    await third.close()
    await run.settle()
    await first.close()
    run.write(4)
    await run.settle()
    return second
  },
  async 'topics grow'(run, plan) {
    run.write(12)
    const only = run.process('a', plan)
    await run.settle()
    await run.grow()
    run.write(12)
    await run.settle()
    return only
  },
  async 'state is damaged'(run, plan) {
    run.write(12)
    const only = run.process('a', plan)
    await run.settle()
    run.damage()
    run.write(12)
    await run.settle()
    return only
  },
  /** With records on their way, that another process finds. */
  async closing(run, plan) {
    run.write(12)
    const first = run.process('a', plan)
    await run.settle()
    run.write(12)
    await run.world.run(10)
    await first.close()
    const second = run.process('b')
    await run.settle()
    return second
  },
}

export interface PlayedCase {
  readonly outcome: Outcome
  /** After the process was closed and opened again on the same disk. */
  readonly reopened: Outcome
  readonly plan: FaultPlan
  readonly deaths: readonly unknown[]
}

export async function play(name: string, plan: FaultPlan): Promise<PlayedCase> {
  const run = new FaultWorld()
  try {
    const scenario = scenarios[name] as Scenario
    const last = await scenario(run, plan)
    await run.closeWindows()
    plan.end()
    // Whoever met the last fault comes back.
    await run.settle()
    const outcome = run.outcome(last)
    await last.close()
    const again = run.process(last.id)
    await run.settle()
    return {
      outcome,
      reopened: run.outcome(again),
      plan,
      deaths: run.processes.flatMap(({ deaths }) => deaths),
    }
  } finally {
    await run.end()
  }
}

export const errorKinds = ['retriable', 'fatal', 'lost', 'task-migrated', 'task-corrupted'] as const
export type ErrorKind = (typeof errorKinds)[number]

const kindsByCall: Readonly<Record<string, readonly ErrorKind[]>> = {
  'engine open': ['retriable', 'fatal'],
  'engine write': ['retriable', 'task-corrupted', 'fatal'],
  'engine map': ['task-corrupted', 'fatal'],
  'engine meta': ['task-corrupted', 'fatal'],
  'engine get': ['retriable', 'task-corrupted', 'fatal'],
  'engine read': ['retriable', 'task-corrupted', 'fatal'],
  'engine readOfKey': ['retriable', 'task-corrupted', 'fatal'],
  'member join': ['fatal', 'task-migrated'],
  'member poll': ['fatal', 'task-migrated'],
  'member acknowledge': ['fatal', 'task-migrated'],
  'sink discard': ['fatal'],
  'sink status': ['fatal'],
  'processor close': ['fatal'],
}
const kindsByMethod: Readonly<Record<string, readonly ErrorKind[]>> = {
  commit: ['retriable', 'lost', 'task-migrated', 'fatal'],
  flush: ['retriable', 'lost', 'fatal'],
  createTopics: ['retriable', 'lost', 'fatal'],
  deleteRecords: ['retriable', 'lost', 'fatal'],
  leave: ['retriable', 'lost', 'fatal'],
  close: ['retriable', 'lost', 'fatal'],
  // Nothing is asked: these fail where the client is beyond use.
  assign: ['fatal'],
  unassign: ['fatal'],
  seek: ['fatal'],
  pause: ['fatal'],
  resume: ['fatal'],
  consumer: ['fatal'],
  producer: ['fatal'],
  admin: ['fatal'],
  groupMember: ['fatal'],
}

/** The kinds of failures that a call can have. */
export function kindsOf(operation: string): readonly ErrorKind[] {
  const method = operation.slice(operation.lastIndexOf(' ') + 1)
  return kindsByCall[operation] ?? kindsByMethod[method] ?? ['retriable', 'fatal']
}

/** Which call of which operation fails how. */
export type FaultAt = readonly [operation: string, call: number, kind: ErrorKind]
/** The n-th call of anything after the first fault, with the first kind that it can have. */
export type FaultAfter = readonly ['then', distance: number]
export type FaultPoint = FaultAt | FaultAfter

function errorOf(operation: string, call: number, kind: ErrorKind): MillraceError<string> {
  const consequence = kind === 'lost' ? 'retriable' : kind
  return new MillraceError<string>('INJECTED', consequence, `${kind} fault in call ${call} of ${operation}`)
}

export function planOf(points: readonly FaultPoint[]): FaultPlan {
  const faults: PlannedFault[] = []
  let distance: number | undefined
  for (const [operation, call, kind] of points) {
    if (kind === undefined) distance = call
    else faults.push({ operation, call, error: errorOf(operation, call, kind), lost: kind === 'lost' })
  }
  if (distance === undefined) return new FaultPlan(faults)
  const error = (operation: string) => errorOf(operation, 0, kindsOf(operation)[0] as ErrorKind)
  return new FaultPlan(faults, { distance, error })
}

/** Plays the scenario with these faults and says what is wrong; undefined where nothing is. */
export async function faultOf(
  name: string,
  points: readonly FaultPoint[],
  right: Outcome,
): Promise<string | undefined> {
  try {
    const { outcome, reopened, deaths, plan } = await play(name, planOf(points))
    const wrong = differenceOf(outcome, right) ?? differenceOf(reopened, right)
    if (wrong !== undefined) return wrong
    const isFatal = plan.met.some(({ error }) => consequenceOf(error) === 'fatal')
    return deaths.length > 0 && !isFatal ? `a fault that passes ended the application: ${String(deaths[0])}` : undefined
  } catch (error) {
    return String(error)
  }
}

function differenceOf(found: Outcome, right: Outcome): string | undefined {
  for (const [place, expected] of Object.entries(right)) {
    if (JSON.stringify(found[place]) === JSON.stringify(expected)) continue
    return `${place} is ${JSON.stringify(found[place])}, not ${JSON.stringify(expected)}`
  }
  return undefined
}
