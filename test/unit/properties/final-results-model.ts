import type { Model } from './history.ts'
import { line } from './topology-play.ts'
import { type WindowConfig, windowModel } from './window-model.ts'

/** The last result of each window, when the windows' own results say that it has closed; a result that vanished stays away. */
export function finalResultsModel(config: WindowConfig): Model {
  const updates = windowModel({ ...config, emit: 'on-window-update' })
  let held: { key: string; endMs: number; value: string | null; timestamp: number }[] = []
  let timeMs = -1

  function hold(text: string): string[] {
    const [, key = '', end, value = '', time] = /^(.*,(\d+)\]) (.*)@(\d+)$/.exec(text) ?? []
    const timestamp = Number(time)
    timeMs = Math.max(timeMs, timestamp)
    held = held.filter((entry) => entry.key !== key)
    held.push({ key, endMs: Number(end), value: value === 'null' ? null : value, timestamp })
    const due = held.filter(({ endMs }) => endMs <= timeMs - config.graceMs)
    held = held.filter((entry) => !due.includes(entry))
    return due
      .filter((entry) => entry.value !== null)
      .sort((one, other) => one.endMs - other.endMs || (one.key < other.key ? -1 : 1))
      .map((entry) => line(entry.key, entry.value, entry.timestamp))
  }

  function forgetTime(): void {
    timeMs = -1
    updates.forgetTime?.()
  }

  return { take: (event) => updates.take(event).flatMap(hold), forgetTime }
}
