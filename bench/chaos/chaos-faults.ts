import { setTimeout as sleep } from 'node:timers/promises'
import type { SmallDisk } from '../../test/support/small-disk.ts'
import type { ChaosCluster } from './chaos-cluster.ts'
import type { ChaosWorker } from './chaos-worker.ts'
import { groupId } from './topology.ts'

interface FaultParts {
  readonly cluster: ChaosCluster
  readonly workers: readonly ChaosWorker[]
  /** The disk of the first worker's state; undefined where none may be mounted. */
  readonly disk: SmallDisk | undefined
  /** The node that leads the partition of a group, or of a transactional id. */
  readonly coordinator: (of: 'group' | 'transactions', id: string) => Promise<number>
  readonly random: () => number
  readonly say: (line: string) => void
}

/** From each number of threads to the next. */
const nextThreads: Readonly<Record<number, number>> = { 2: 8, 8: 3, 3: 2 }
const wait = (ms: number): Promise<void> => sleep(ms)

/** Breaks one thing after another, drawn by weight, and says what; the thing is whole again when its fault ends. */
export class ChaosFaults {
  readonly counts = new Map<string, number>()
  readonly #parts: FaultParts
  #isStopped = false
  #running: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  constructor(parts: FaultParts) {
    this.#parts = parts
  }

  /** Breaks things for so long, or until a fault fails: `stop` then rejects. */
  async runFor(ms: number): Promise<void> {
    this.#running = this.#run().catch((error: unknown) => {
      this.#failure = { error }
    })
    await Promise.race([sleep(ms), this.#running])
  }

  /** Everything is whole when it resolves. Rejects with what a fault failed with. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
    for (const proxy of this.#parts.cluster.proxies) proxy.heal()
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #run(): Promise<void> {
    const first = this.#parts.workers[0] as ChaosWorker
    const faults: readonly (readonly [weight: number, name: string, act: () => Promise<void>])[] = [
      [5, 'worker killed', () => this.#killWorker()],
      [3, 'worker frozen', () => this.#freezeWorker()],
      [3, 'worker stopped and started', () => this.#restart(this.#worker())],
      [2, 'broker killed', () => this.#crashBroker(this.#node())],
      [2, 'coordinator of the group killed', () => this.#crashCoordinator('group', groupId)],
      [2, 'coordinator of transactions killed', () => this.#crashCoordinator('transactions', first.transactionalId)],
      [3, 'connections closed', () => this.#cut()],
      [3, 'connections reset', () => this.#reset()],
      [2, 'broker unreachable', () => this.#blackHole()],
      [3, 'answers late', () => this.#delay()],
      [2, 'threads changed', () => this.#rescale()],
      [1, 'rolling restart', () => this.#rollingRestart()],
      [this.#parts.disk === undefined ? 0 : 2, 'disk full', () => this.#fillDisk()],
    ]
    const total = faults.reduce((sum, [weight]) => sum + weight, 0)
    while (!this.#isStopped) {
      let draw = this.#parts.random() * total
      const [, name, act] = faults.find(([weight]) => (draw -= weight) < 0) ?? faults[0]!
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
      await act()
      await this.#checkWorkers()
      await sleep(1000 + this.#parts.random() * 4000)
    }
  }

  /** A worker that ended by itself has met an error that it should have survived. */
  async #checkWorkers(): Promise<void> {
    for (const worker of this.#parts.workers)
      if (!worker.isRunning) throw new Error(`${worker.name} has ended: ${worker.lastLines()}`)
  }

  #worker(): ChaosWorker {
    const { workers, random } = this.#parts
    return workers[Math.floor(random() * workers.length)] as ChaosWorker
  }

  #node(): number {
    return 1 + Math.floor(this.#parts.random() * this.#parts.cluster.proxies.length)
  }

  async #killWorker(): Promise<void> {
    const worker = this.#worker()
    this.#parts.say(`kill -9 of ${worker.name}`)
    await worker.kill()
    await sleep(this.#parts.random() * 8000)
    worker.start()
  }

  async #freezeWorker(): Promise<void> {
    const worker = this.#worker()
    const forMs = 5000 + this.#parts.random() * 25_000
    this.#parts.say(`${worker.name} stands still for ${Math.round(forMs / 1000)} s`)
    await worker.freeze(forMs, wait)
  }

  async #restart(worker: ChaosWorker): Promise<void> {
    this.#parts.say(`${worker.name} is stopped and started`)
    const code = await worker.stop()
    if (code !== 0) this.#parts.say(`${worker.name} ended with ${code}`)
    worker.start()
  }

  async #rollingRestart(): Promise<void> {
    for (const worker of this.#parts.workers) await this.#restart(worker)
  }

  async #rescale(): Promise<void> {
    const worker = this.#worker()
    worker.threads = nextThreads[worker.threads] ?? 2
    this.#parts.say(`${worker.name} gets ${worker.threads} threads`)
    await this.#restart(worker)
  }

  async #crashBroker(node: number): Promise<void> {
    const downMs = 2000 + this.#parts.random() * 8000
    this.#parts.say(`kill -9 of broker ${node} for ${Math.round(downMs / 1000)} s`)
    await this.#parts.cluster.crash(node, downMs, wait)
    // Its replicas come back in sync: with two brokers down nothing can be written.
    await sleep(6000)
  }

  async #crashCoordinator(of: 'group' | 'transactions', id: string): Promise<void> {
    await this.#crashBroker(await this.#parts.coordinator(of, id))
  }

  async #cut(): Promise<void> {
    this.#parts.say('all connections are closed')
    for (const proxy of this.#parts.cluster.proxies) proxy.cutAll()
  }

  async #reset(): Promise<void> {
    this.#parts.say('all connections are reset')
    for (const proxy of this.#parts.cluster.proxies) proxy.resetAll()
  }

  async #blackHole(): Promise<void> {
    const proxy = this.#parts.cluster.proxies[this.#node() - 1]
    const forMs = 3000 + this.#parts.random() * 7000
    this.#parts.say(`a broker takes bytes and answers nothing for ${Math.round(forMs / 1000)} s`)
    proxy?.blackHole()
    await sleep(forMs)
    proxy?.heal()
  }

  async #delay(): Promise<void> {
    const delayMs = 50 + Math.floor(this.#parts.random() * 400)
    this.#parts.say(`answers come ${delayMs} ms late for 5 s`)
    for (const proxy of this.#parts.cluster.proxies) proxy.onResponse(() => ({ delayMs }))
    await sleep(5000)
    for (const proxy of this.#parts.cluster.proxies) proxy.heal()
  }

  async #fillDisk(): Promise<void> {
    this.#parts.say('the disk of worker-1 is full for 8 s')
    this.#parts.disk?.fill()
    await sleep(8000)
    this.#parts.disk?.clear()
  }
}
