import { setTimeout as sleep } from 'node:timers/promises'
import type { ServiceFault } from '../../test/support/service-server.ts'
import type { WorkerProcess } from '../worker-process.ts'
import type { Receiver } from './receiver.ts'

interface FaultParts {
  readonly workers: readonly WorkerProcess[]
  readonly receiver: Receiver
  readonly random: () => number
  readonly say: (line: string) => void
}

const answers: readonly ServiceFault[] = [
  { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'answer', status: 500 },
  { kind: 'hang' },
]

/** Kills workers, makes them hand over their tasks, and makes the receiver misbehave: one thing after another. */
export class AlertFaults {
  kills = 0
  rebalances = 0
  readonly #parts: FaultParts
  #current: Promise<void> | undefined
  #nextMs = 0
  #failure: { readonly error: unknown } | undefined

  constructor(parts: FaultParts) {
    this.#parts = parts
  }

  /** Breaks the next thing when its time has come. Throws what the last one has failed with. */
  step(): void {
    if (this.#failure !== undefined) throw this.#failure.error
    if (this.#current !== undefined || Date.now() < this.#nextMs) return
    this.#current = this.#breakOne()
      .catch((error: unknown) => {
        this.#failure = { error }
      })
      .finally(() => {
        this.#nextMs = Date.now() + 2000 + this.#parts.random() * 4000
        this.#current = undefined
      })
  }

  /** All is well again when it resolves. */
  async end(): Promise<void> {
    await this.#current
    this.#parts.receiver.misbehave(undefined)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #breakOne(): Promise<void> {
    const { workers, random } = this.#parts
    const worker = workers[Math.floor(random() * workers.length)] as WorkerProcess
    const draw = random()
    if (draw < 0.4) return this.#kill(worker)
    if (draw < 0.6) return this.#handOver(worker)
    return this.#misbehave(answers[Math.floor(random() * answers.length)] as ServiceFault)
  }

  async #kill(worker: WorkerProcess): Promise<void> {
    this.kills++
    this.#parts.say(`kill -9: ${worker.name}`)
    await worker.kill()
    await sleep(this.#parts.random() * 3000)
    worker.start()
  }

  async #handOver(worker: WorkerProcess): Promise<void> {
    this.rebalances++
    this.#parts.say(`stopped and started: ${worker.name}`)
    const code = await worker.stop()
    if (code !== 0) throw new Error(`${worker.name} ended with ${code}: ${worker.lastLines()}`)
    worker.start()
  }

  async #misbehave(fault: ServiceFault): Promise<void> {
    this.#parts.say(`the receiver answers ${'status' in fault ? fault.status : 'nothing'}`)
    this.#parts.receiver.misbehave(fault)
    await sleep(1000 + this.#parts.random() * 3000)
    this.#parts.receiver.misbehave(undefined)
  }
}
