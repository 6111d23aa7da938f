import { PipelineMistake } from '../../pipelines/index.ts'
import { each } from '../../pipelines/mistake.ts'
import { durationMs } from '../../pipelines/steps/options.ts'
import type { RuleDefinition, RuleExample } from './definition.ts'

/** Examples are run in memory, one point of time after another. */
const logsMax = 100_000
const lastsMaxMs = 400 * 86_400_000

/** Throws PipelineMistakes for examples that have too many logs, or take too long a time. */
export function checkExamples({ examples = [] }: RuleDefinition): void {
  each(examples, (example, index) => {
    const count = example.logs.reduce((sum, { times = 1 }) => sum + times, 0)
    if (count > logsMax) {
      throw new PipelineMistake(`${count} logs are too many: give ${logsMax} or fewer`, 'examples', index, 'logs')
    }
    const lastsMs = lastsMsOf(example)
    if (lastsMs <= lastsMaxMs) return
    const option = lastsMs === durationMs(example.until ?? '0s') ? 'until' : 'logs'
    throw new PipelineMistake('an example lasts 400 days at most: give shorter times', 'examples', index, option)
  })
}

function lastsMsOf({ logs, until, expect }: RuleExample): number {
  const ofLogs = logs.map(({ at, times = 1, every = '1s' }) => durationMs(at) + (times - 1) * durationMs(every))
  const times = [...expect.map(({ at }) => durationMs(at)), durationMs(until ?? '0s')]
  return [...ofLogs, ...times].reduce((most, timeMs) => Math.max(most, timeMs), 0)
}
