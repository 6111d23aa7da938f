import type { Pause } from './result-log.ts'
import { Scene, type SceneOptions } from './scene.ts'

/** What was measured, in milliseconds or a count, by what it is called in the table. */
export type Figures = Readonly<Record<string, number>>

/** A second instance joins one that runs, and leaves it again. */
export async function joinAndLeave(options: SceneOptions): Promise<Figures> {
  return inScene(options, async (scene) => {
    await scene.begin(['first'])
    const joined = await scene.during(() => scene.start('second'), 2)
    const left = await scene.during(() => scene.stop('second'), 1)
    return {
      'join: pause of tasks that stay': longest(joined, false),
      'join: pause of tasks that move': longest(joined, true),
      'leave: pause of tasks that stay': longest(left, false),
      'leave: pause of tasks that move': longest(left, true),
    }
  })
}

/** One of two instances is killed with -9. */
export async function kill(options: SceneOptions): Promise<Figures> {
  return inScene(options, async (scene) => {
    await scene.begin(['first', 'second'])
    const killed = await scene.during(() => scene.kill('second'), 1)
    const how = options.standbys > 0 ? 'with standby' : 'without standby'
    return {
      [`kill -9 ${how}: pause of tasks that stay`]: longest(killed, false),
      [`kill -9 ${how}: until its tasks process again`]: longest(killed, true),
    }
  })
}

/** Four instances are restarted one after the other. */
export async function rollingRestart(options: SceneOptions): Promise<Figures> {
  return inScene(options, async (scene) => {
    const names = ['first', 'second', 'third', 'fourth']
    await scene.begin(names)
    let restartMs = 0
    const restarted = await scene.during(async () => {
      for (const name of names) {
        await scene.stop(name)
        restartMs = Math.max(restartMs, await scene.start(name))
        await scene.settled(names.length)
      }
    }, names.length)
    const doubled = await scene.end()
    return {
      'rolling restart of 4: longest stall': Math.max(...restarted.map(({ ms }) => ms)),
      'rolling restart of 4: longest start to RUNNING': restartMs,
      'rolling restart of 4: results written twice': doubled,
    }
  })
}

/** How fast a backlog is processed and committed, every 100 ms. */
export async function throughput(options: SceneOptions, times: number): Promise<number> {
  const scene = await Scene.open(options)
  try {
    const records = await scene.fill(times)
    await scene.start('first')
    const startedMs = performance.now()
    await scene.committed()
    return (1000 * records) / (performance.now() - startedMs)
  } finally {
    await scene.close()
  }
}

async function inScene(options: SceneOptions, body: (scene: Scene) => Promise<Figures>): Promise<Figures> {
  const scene = await Scene.open(options)
  try {
    return await body(scene)
  } finally {
    await scene.close()
  }
}

function longest(pauses: readonly Pause[], isMoved: boolean): number {
  return Math.max(0, ...pauses.filter((pause) => pause.isMoved === isMoved).map(({ ms }) => ms))
}
