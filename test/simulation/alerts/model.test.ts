import { expect, test } from '@jest/globals'
import type { NoticesDefinition } from '../../../src/alerts/notices/definition.ts'
import { seededRandom } from '../../../src/testing/simulator.ts'
import type { AlertHistory, Happening } from './history.ts'
import { expectedNotices, type Stretch } from './model.ts'
import { play } from './play.ts'

const second = 1000
const minute = 60 * second
const seeds = Number(process.env.ALERT_SEEDS ?? 20)

const definition: NoticesDefinition = {
  receivers: [{ name: 'log' }],
  routes: [{ name: 'all', receivers: ['log'], groupBy: ['alert'], wait: '30s', repeat: '7m', escalate: false }],
  flapping: 'off',
}

/** Six hours of one alert. Each kind of event has a second of its minute for itself. */
function seededStretches(seed: number) {
  const random = seededRandom(seed)
  const stretches = (atSecond: number, longest: number): readonly Stretch[] => {
    const found: Stretch[] = []
    let at = 1
    while (at < 360) {
      const from = at + Math.floor(random() * 40)
      at = from + 1 + Math.floor(random() * longest)
      found.push({ fromMs: from * minute + atSecond * second, toMs: at * minute + atSecond * second })
      at++
    }
    return found
  }
  const acknowledgedMs = Array.from({ length: 5 }, () => Math.floor(random() * 360) * minute)
  // What a silence held back is sent at its end: the next one begins at another second.
  const silences = stretches(10, 25).map(({ fromMs, toMs }) => ({ fromMs: fromMs + 2 * second, toMs }))
  return { firing: stretches(20, 90), silences, acknowledgedMs }
}

function happeningsOf({ firing, silences, acknowledgedMs }: ReturnType<typeof seededStretches>): readonly Happening[] {
  const happenings: Happening[] = [
    ...firing.flatMap(({ fromMs, toMs }): readonly Happening[] => [
      { atMs: fromMs, kind: 'fire', service: 'a' },
      { atMs: toMs, kind: 'resolve', service: 'a' },
    ]),
    ...silences.map(
      ({ fromMs, toMs }) => ({ atMs: fromMs, kind: 'silence', service: 'a', ms: toMs - fromMs }) as const,
    ),
    ...acknowledgedMs.map((atMs) => ({ atMs, kind: 'acknowledge' }) as const),
  ]
  return happenings.sort((left, right) => left.atMs - right.atMs)
}

test('one alert is sent as a model says that looks at whole stretches of time', () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const stretches = seededStretches(seed)
    const history: AlertHistory = {
      about: `seed ${seed}`,
      startMs: 0,
      commitMs: second,
      happenings: happeningsOf(stretches),
    }
    const { deliveries } = play(history, definition)
    const notices = deliveries.map(({ notice: { kind, timeMs } }) => `${kind} ${timeMs}`)
    const { silences, acknowledgedMs } = stretches
    // The owner reads a change a second later.
    const firing = stretches.firing.map(({ fromMs, toMs }) => ({ fromMs: fromMs + second, toMs: toMs + second }))
    const expected = expectedNotices(firing, silences, acknowledgedMs, { waitMs: 30 * second, repeatMs: 7 * minute })
    expect({ seed, notices }).toEqual({ seed, notices: expected })
  }
})
