import type { FleetSnapshot, WorkerSnapshot } from './snapshot.ts'

/** A page for a terminal, redrawn in place. `previous` gives the rates; undefined at first. */
export function renderPage(current: FleetSnapshot, previous: FleetSnapshot | undefined, columns: number): string {
  const lines = [
    `millrace fleet  ${duration(current.elapsedMs)}   Ctrl-C drains and stops`,
    '',
    row(['worker', 'state', 'records/s', 'total', 'lag', 'lag s']),
    ...current.workers.map((worker) => workerRow(worker, current, previous)),
    '',
    `documents ${count(current.documentsWritten)}   duplicates dropped ${count(current.duplicatesDropped)}   ` +
      `dead letters ${count(current.deadLetters)}   windows closed ${count(current.windowsClosed)}   alerts ${count(current.alerts)}`,
    '',
    ...current.recentAlerts.map(
      ({ status, severity, rule, summary }) =>
        `${(status === 'resolved' ? status : severity).toUpperCase().padEnd(9)}${rule.padEnd(22)}${summary}`,
    ),
  ]
  return lines.map((line) => line.slice(0, columns)).join('\n')
}

/** One line for logs, where there is no terminal. */
export function renderLine(current: FleetSnapshot, previous: FleetSnapshot | undefined): string {
  const workers = current.workers.map(
    (worker) => `${worker.name} ${rate(worker, current, previous)}/s lag ${worker.lagRecords}`,
  )
  return [
    duration(current.elapsedMs),
    ...workers,
    `documents ${current.documentsWritten}`,
    `duplicates ${current.duplicatesDropped}`,
    `dead letters ${current.deadLetters}`,
    `windows ${current.windowsClosed}`,
    `alerts ${current.alerts}`,
  ].join(' | ')
}

function workerRow(worker: WorkerSnapshot, current: FleetSnapshot, previous: FleetSnapshot | undefined): string {
  const { name, state, processed, lagRecords, lagSeconds } = worker
  const perSecond = count(rate(worker, current, previous))
  return row([name, state, perSecond, count(processed), count(lagRecords), lagSeconds.toFixed(1)])
}

function rate(worker: WorkerSnapshot, current: FleetSnapshot, previous: FleetSnapshot | undefined): number {
  const before = previous?.workers.find((other) => other.name === worker.name)
  const elapsedMs = current.elapsedMs - (previous?.elapsedMs ?? 0)
  return elapsedMs <= 0 ? 0 : Math.round(((worker.processed - (before?.processed ?? 0)) * 1000) / elapsedMs)
}

const widths = [14, 14, 12, 12, 10, 8] as const

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0)))
    .join('')
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function duration(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}
