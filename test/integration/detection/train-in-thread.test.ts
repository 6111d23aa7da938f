import { pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import type * as sources from '../../../src/detection/index.ts'
import { builtProgram } from '../../support/built.ts'

type Detection = typeof sources

let detection: Detection
beforeAll(async () => {
  detection = (await import(pathToFileURL(builtProgram('src/detection/index')).href)) as Detection
})

const rows = Float64Array.from({ length: 600 }, (_, place) => Math.sin(place / 7) + (place % 3))
const options = { featureCount: 3, steps: 6, hidden: 4, epochs: 2 }

describe('training in a thread', () => {
  test('gives the model that this thread would train, while the event loop turns', async () => {
    let [turns, isOver] = [0, false]
    const turn = (): void => {
      turns++
      if (!isOver) setImmediate(turn)
    }
    turn()
    const bytes = await detection.trainInThread({ kind: 'autoencoder', rows, options }, 240_000)
    isOver = true
    expect(turns).toBeGreaterThan(3)
    expect(Buffer.from(bytes).equals(detection.Autoencoder.train(rows, options).toBytes())).toBe(true)
  })

  test('trains forests too', async () => {
    const bytes = await detection.trainInThread({ kind: 'forest', rows, featureCount: 3 }, 240_000)
    expect(detection.IsolationForest.fromBytes(Uint8Array.from(bytes)).learned).toBe(200)
  })

  test('ends at its deadline', async () => {
    const endless = { kind: 'autoencoder', rows, options: { ...options, epochs: 1000, hidden: 128 } } as const
    await expect(detection.trainInThread(endless, 200)).rejects.toMatchObject({ code: 'TRAINING_TIMEOUT' })
  })

  test('fails as the training itself does', async () => {
    const few = { kind: 'autoencoder', rows: rows.slice(0, 30), options } as const
    await expect(detection.trainInThread(few, 240_000)).rejects.toMatchObject({ code: 'TRAINING_DATA' })
    const wrong = { kind: 'forest', rows, featureCount: 3, options: { trees: 0 } } as const
    await expect(detection.trainInThread(wrong, 240_000)).rejects.toMatchObject({ code: 'INVALID_SETTINGS' })
  })
})
