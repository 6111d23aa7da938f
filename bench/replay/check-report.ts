import { textTable } from '../../src/cli/text-table.ts'
import type { CheckResult } from './check-run.ts'

/** The account of a check, for a person. */
export function writeCheckReport(result: CheckResult): void {
  const { planned, replayMs, sentBeside, verification, accounts, notified, faults } = result
  const partitions = verification.partitions.map(({ topic, partition, done, total }) => [topic, partition, total, done])
  console.log(textTable(['topic', 'partition', 'planned', 'committed'], partitions))
  const outputs = verification.outputs.map(({ node, action, target, comparison }) => [
    node,
    action,
    target === '' ? undefined : target,
    comparison?.live.records,
    comparison?.replay.records,
    comparison?.replay.repeated,
    comparison?.equal,
    comparison?.onlyLive,
    comparison?.onlyReplay,
  ])
  const header = ['output', 'action', 'target', 'live', 'replay', 'repeated', 'equal', 'only live', 'only replay']
  console.log(textTable(header, outputs))
  const rows = Object.entries(accounts).map(([name, account]) => {
    const { equal, repeated, lost, unexplained } = account
    return [name, equal, repeated, lost, unexplained]
  })
  console.log(textTable(['account', 'equal', 'repeated after a kill', 'lost', 'unexplained'], rows))
  const perSecond = Math.round((planned * 1000) / replayMs)
  console.log(`${planned} offsets in ${Math.round(replayMs / 1000)} s (${perSecond}/s), kills and restarts included`)
  console.log(`${sentBeside} records for the live application meanwhile`)
  console.log(`notifications: ${notified.live} of the live application, ${notified.replay} of the replay`)
  if (faults.length === 0) return
  for (const { comparison } of verification.outputs) {
    for (const { place, timestamp, key, value } of comparison?.samples ?? [])
      console.log(`differs: ${place} ${timestamp} ${key} = ${value}`)
  }
  for (const { samples } of Object.values(accounts)) for (const sample of samples) console.log(sample)
  for (const fault of faults) console.log(`FAULT: ${fault}`)
}
