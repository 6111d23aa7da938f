import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../src/testing/simulator.ts'
import { compareResults, type ResultVerdict } from './compare-results.ts'
import type { Engine, PeerApplication } from '../kafka-streams/peer-application.ts'
import type { ShopLab } from './shop-lab.ts'

export interface LiveOptions {
  readonly lab: ShopLab
  readonly rounds: number
  readonly ratePerSecond: number
  readonly seed: number
  readonly say: (line: string) => void
}

const applicationId = 'live'
const engines = ['java', 'millrace'] as const
const actions = ['joins', 'leaves', 'freezes', 'is killed'] as const
const shareTimeoutMs = 60_000

type Event = readonly [engine: Engine, action: (typeof actions)[number]]

/**
 * Members of both engines in one streams group under steady input, exactly-once: in each round one of them joins,
 * leaves, is frozen for longer than its session, or is killed. Then Java processes all of it alone.
 */
export async function runLive(options: LiveOptions): Promise<readonly ResultVerdict[]> {
  const { lab, rounds, ratePerSecond, seed, say } = options
  await lab.createOutputs(applicationId)
  const members = new Members(lab)
  let isOver = false
  const writing = lab.input.write(ratePerSecond, Number.POSITIVE_INFINITY, () => isOver)
  try {
    // millrace writes the times of the group, Java does not.
    for (const engine of ['millrace', 'java'] as const) await members.join(engine)
    await members.shared()
    for (const [index, [engine, action]] of drawn(rounds, seed).entries()) {
      const startedMs = performance.now()
      await members.act(engine, action)
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
      say(
        `round ${index + 1}: a member of ${engine} ${action}; tasks are shared by ${members.names} after ${seconds} s`,
      )
      await sleep(1000)
    }
  } finally {
    isOver = true
  }
  await writing
  await lab.input.close()
  say(`${lab.input.written} records are written`)
  await lab.settled(applicationId)
  await members.close()
  return compareResults(await lab.alone('java', 'live-java'), await lab.results(applicationId))
}

/** Every action of every engine before one is repeated, in an order that the seed draws. */
function drawn(rounds: number, seed: number): readonly Event[] {
  const random = seededRandom(seed)
  const events: Event[] = []
  while (events.length < rounds) {
    const deck = engines.flatMap((engine) => actions.map((action): Event => [engine, action]))
    for (; deck.length > 0; ) events.push(...deck.splice(Math.floor(random() * deck.length), 1))
  }
  return events.slice(0, rounds)
}

/** The processes of the group. Each engine has one at least when a round begins. */
class Members {
  readonly #lab: ShopLab
  readonly #running = new Map<string, PeerApplication>()

  constructor(lab: ShopLab) {
    this.#lab = lab
  }

  get names(): string {
    return [...this.#running.keys()].sort().join(', ')
  }

  async act(engine: Engine, action: Event[1]): Promise<void> {
    if (action === 'joins') await this.join(engine)
    else if (action === 'freezes') await this.#freeze(engine)
    else await this.#end(engine, action)
    await this.shared()
    for (const [name, member] of this.#running)
      if (!member.isRunning) throw new Error(`${name} has ended:\n${member.lastLines()}`)
  }

  /** With the state of the process that had its name before. */
  async join(engine: Engine): Promise<void> {
    let number = 1
    while (this.#running.has(`${engine}-${number}`)) number++
    const name = `${engine}-${number}`
    const process = { applicationId, protocol: 'streams', guarantee: 'exactly-once', threads: 2 } as const
    this.#running.set(name, await this.#lab.start(engine, name, process))
  }

  /** Resolves when each process has some of the tasks, and all of them together have all. */
  async shared(processes = this.#running.size): Promise<void> {
    const deadlineMs = performance.now() + shareTimeoutMs
    for (;;) {
      const { members } = await this.#lab.kafka.admin().describeGroup(applicationId)
      const owners = members.flatMap(({ processId, active = [] }) => active.map(() => processId))
      if (owners.length === 16 && new Set(owners).size === processes) return
      if (performance.now() > deadlineMs)
        throw new Error(
          `${owners.length} tasks of ${new Set(owners).size} processes, not of ${processes}: ${this.names}`,
        )
      await sleep(200)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((member) => member.close()))
  }

  async #freeze(engine: Engine): Promise<void> {
    const [, member] = this.#any(engine)
    member.freeze()
    await this.shared(this.#running.size - 1)
    await sleep(2000)
    member.resume()
  }

  async #end(engine: Engine, action: Event[1]): Promise<void> {
    const [name, member] = this.#any(engine)
    this.#running.delete(name)
    await (action === 'leaves' ? member.close() : member.kill())
    await this.shared()
    if (![...this.#running.values()].some((other) => other.engine === engine)) await this.join(engine)
  }

  #any(engine: Engine): readonly [string, PeerApplication] {
    const found = [...this.#running].find(([, member]) => member.engine === engine)
    if (found === undefined) throw new Error(`no member of ${engine} is running`)
    return found
  }
}
