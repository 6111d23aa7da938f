import { rounded } from '../goal.ts'
import type { SavedFigure } from '../saved-run.ts'
import type { Job } from './jobs.ts'
import { type Peer, yardstickName } from './peer.ts'
import { type CostName, isRate, type Rounds } from './rounds.ts'

const columns: readonly { readonly title: string; readonly figure: CostName; readonly isRatio?: true }[] = [
  { title: 'records/s', figure: 'recordsPerSecond' },
  { title: 'of Java', figure: 'recordsPerSecond', isRatio: true },
  { title: 'warm', figure: 'warmRecordsPerSecond' },
  { title: 'of Java', figure: 'warmRecordsPerSecond', isRatio: true },
  { title: 'CPU s per million, warm', figure: 'warmCpuSecondsPerMillion' },
  { title: 'of Java', figure: 'warmCpuSecondsPerMillion', isRatio: true },
  { title: 'of the broker', figure: 'brokerCpuSecondsPerMillion' },
  { title: 'MB', figure: 'residentMegabytesMax' },
  { title: 'of Java', figure: 'residentMegabytesMax', isRatio: true },
  { title: 'MB without stores', figure: 'ownMegabytesMax' },
  { title: 'of Java', figure: 'ownMegabytesMax', isRatio: true },
]

/** Medians beside the ratios to the better one of Java in the same round; its time to warm up is in the first figure. */
export function peerTable(job: Job, peers: readonly Peer[], rounds: Rounds): string {
  const titles = [`job ${job}`, ...columns.map(({ title }) => title), 'CPU of the raw program']
  const rows = peers.map(({ name, isYardstick }) => {
    const cells = columns.map(({ figure, isRatio }) =>
      isRatio ? shown(rounds.ratioToJava(name, figure)) : rounded(rounds.median(name, figure)),
    )
    const ofRaw = shown(rounds.ratio(name, 'warmCpuSecondsPerMillion', yardstickName))
    return [isYardstick ? `${name}, less than the job` : name, ...cells, ofRaw]
  })
  const lines = [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return lines.join('\n')
}

function shown(ratio: number): string {
  return Number.isNaN(ratio) ? '' : ratio.toFixed(2)
}

const savedFigures: readonly CostName[] = ['warmCpuSecondsPerMillion', 'warmRecordsPerSecond', 'residentMegabytesMax']

/** For `bench/results`. */
export function peerFigures(job: Job, peers: readonly Peer[], rounds: Rounds): readonly SavedFigure[] {
  return peers.flatMap(({ name }) =>
    savedFigures.map((figure) => ({
      name: `${job}, ${name}: ${figure}`,
      isBetter: isRate(figure) ? ('higher' as const) : ('lower' as const),
      values: rounds.figures(name, figure),
      raw: rounds.figures(yardstickName, figure),
    })),
  )
}
