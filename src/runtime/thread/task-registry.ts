import type { TaskId, TopicPartition } from '../../kafka/port.ts'
import { partitionKey, taskIdText } from '../../kafka/port.ts'
import { addCounters, newCounters, type TaskCounters } from '../counters.ts'
import type { OwnedTask } from './owned-task.ts'

/**
 * The tasks that one thread owns, and which of them reads a partition. `Assignment` adds and removes; everybody else of
 * the thread reads. A partition has at most one reader, and `running` holds exactly the tasks in the state RUNNING.
 */
export class TaskRegistry {
  readonly #tasks = new Map<string, OwnedTask>()
  readonly #byPartition = new Map<string, OwnedTask>()
  #running: readonly OwnedTask[] = []
  /** What the tasks that were removed have counted. */
  readonly #removed = newCounters()

  get all(): readonly OwnedTask[] {
    return [...this.#tasks.values()]
  }

  /** Tasks that process; the same array until one is added or removed. */
  get running(): readonly OwnedTask[] {
    return this.#running
  }

  get size(): number {
    return this.#tasks.size
  }

  get(id: TaskId): OwnedTask | undefined {
    return this.#tasks.get(taskIdText(id))
  }

  byText(idText: string): OwnedTask | undefined {
    return this.#tasks.get(idText)
  }

  readerOf(topic: string, partition: number): OwnedTask | undefined {
    return this.#byPartition.get(partitionKey(topic, partition))
  }

  add(owned: OwnedTask): void {
    this.#tasks.set(owned.idText, owned)
    this.addInputs(owned, owned.task?.inputs ?? [])
  }

  /** The task reads these from now on. */
  addInputs(owned: OwnedTask, inputs: readonly TopicPartition[]): void {
    for (const { topic, partition } of inputs) this.#byPartition.set(partitionKey(topic, partition), owned)
  }

  /** Nobody reads these any more. */
  removeInputs(owned: OwnedTask, inputs: readonly TopicPartition[]): void {
    for (const { topic, partition } of inputs) {
      this.#byPartition.delete(partitionKey(topic, partition))
      owned.forget({ topic, partition })
    }
  }

  /** Of all tasks since the start, those that were removed included. */
  counters(): TaskCounters {
    const sum = newCounters()
    addCounters(sum, this.#removed)
    for (const { task } of this.#tasks.values()) if (task !== undefined) addCounters(sum, task.counters)
    return sum
  }

  startRunning(owned: OwnedTask): void {
    owned.run()
    this.#listRunning()
  }

  remove(owned: OwnedTask): void {
    if (this.#tasks.delete(owned.idText) && owned.task !== undefined) addCounters(this.#removed, owned.task.counters)
    for (const { topic, partition } of owned.task?.inputs ?? [])
      this.#byPartition.delete(partitionKey(topic, partition))
    this.#listRunning()
  }

  #listRunning(): void {
    this.#running = [...this.#tasks.values()].filter(({ state }) => state === 'RUNNING')
  }
}
