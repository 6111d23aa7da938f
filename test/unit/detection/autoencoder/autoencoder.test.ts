import { describe, expect, test } from '@jest/globals'
import { Random } from '../../../../bench/detect/random.ts'
import { Autoencoder, VectorWatch } from '../../../../src/detection/index.ts'
import { AutoencoderNetwork } from '../../../../src/detection/autoencoder/autoencoder-network.ts'
import { fixture, flat } from '../vectors/vectors.ts'

const pytorch = fixture<{
  readonly steps: number
  readonly features: number
  readonly hidden: number
  readonly weights: readonly number[]
  readonly gradients: readonly number[]
  readonly window: readonly number[]
  readonly made: readonly number[]
  readonly loss: number
}>('lstm-fixture.json')

/** Two numbers that swing against each other, and one that is constant. */
function swinging(count: number, seed = 1): Float64Array[] {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, row) => {
    const swing = Math.sin((2 * Math.PI * row) / 12)
    return Float64Array.of(100 + 20 * swing + random.normal(), 50 - 10 * swing + random.normal() / 2, 7)
  })
}

/** The same values in an order in which none follows another as usual. */
function shuffled(vectors: readonly Float64Array[]): Float64Array[] {
  return vectors.map((_, row) => vectors[(row * 5) % vectors.length]!)
}

const options = { featureCount: 3, steps: 8, hidden: 6, epochs: 12 }
const model = Autoencoder.train(flat(swinging(500)), options)

describe('the network', () => {
  const network = new AutoencoderNetwork(pytorch)
  const [weights, window] = [Float64Array.from(pytorch.weights), Float64Array.from(pytorch.window)]
  const gradients = new Float64Array(weights.length)
  const loss = network.addGradients(weights, window, gradients)

  test('makes of a window what PyTorch makes of it', () => {
    expect(loss).toBeCloseTo(pytorch.loss, 9)
    for (const [place, made] of pytorch.made.entries()) expect(network.made[place]).toBeCloseTo(made, 9)
  })

  test('has the gradients of PyTorch', () => {
    expect(gradients.length).toBe(pytorch.gradients.length)
    const differences = pytorch.gradients.map((gradient, place) => Math.abs(gradient - (gradients[place] as number)))
    expect(Math.max(...differences)).toBeLessThan(1e-6)
  })

  test('has gradients that are the slopes of its loss', () => {
    const step = 1e-5
    for (let place = 0; place < weights.length; place += 7) {
      const moved = weights.slice()
      moved[place] = weights[place]! + step
      const above = network.forward(moved, window)
      moved[place] = weights[place]! - step
      expect((above - network.forward(moved, window)) / (2 * step)).toBeCloseTo(gradients[place]!, 7)
    }
  })
})

describe('an autoencoder', () => {
  function share(vectors: readonly Float64Array[]): number {
    const watch = new VectorWatch({ features: ['a', 'b', 'c'], patienceVectors: 1 }, model)
    const verdicts = vectors
      .map((vector, row) => watch.observe(vector, row))
      .filter(({ status }) => status === 'scored')
    return verdicts.filter(({ isUnusual }) => isUnusual).length / verdicts.length
  }

  test('finds an order that is not the usual one, of values that are', () => {
    expect(share(swinging(300, 2))).toBeLessThan(0.02)
    expect(share(shuffled(swinging(300, 2)))).toBeGreaterThan(0.5)
  })

  test('names the number that was made badly', () => {
    const window = swinging(8, 3)
    for (const vector of window) vector[1]! += 40
    const { excess, contributions } = model.judge(flat(window))
    expect(excess).toBeGreaterThan(0)
    expect(contributions[0]).toMatchObject({ index: 1, observed: window.at(-1)![1] })
  })

  test('says that it warms up until it has as many vectors in a row as a window has', () => {
    const watch = new VectorWatch({ features: ['a', 'b', 'c'] }, model)
    const statuses = swinging(9).map((vector, row) => watch.observe(vector, row).status)
    expect(statuses).toEqual([...new Array<string>(7).fill('warming-up'), 'scored', 'scored'])
  })

  test('judges the same after it was written and read, in the middle of a window too', () => {
    const read = Autoencoder.fromBytes(model.toBytes())
    const watchOptions = { features: ['a', 'b', 'c'] }
    const whole = new VectorWatch(watchOptions, model)
    let other = new VectorWatch(watchOptions, model)
    for (const [row, vector] of [...swinging(20, 4), ...shuffled(swinging(20, 4))].entries()) {
      if (row === 5 || row === 25) other = VectorWatch.restore(other.toBytes(), watchOptions, read)
      expect(other.observe(vector, row)).toEqual(whole.observe(vector, row))
    }
  })

  test('is the same for the same rows and seed', () => {
    const rows = flat(swinging(60))
    const bytes = (seed: number) => Autoencoder.train(rows, { ...options, epochs: 1, seed }).toBytes()
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })

  test('is not spoilt by wrong values, missing ones and gaps', () => {
    const rows = flat(swinging(500))
    rows[300] = 1e200
    rows[601] = Number.NaN
    rows.fill(Number.NaN, 900, 903)
    const other = Autoencoder.train(rows, options)
    expect(other.learned).toBe(493 - 8 - 8)
    expect(other.error(flat(swinging(8, 5)))).toBeLessThan(other.errorLimit)
    expect(other.error(flat(shuffled(swinging(24, 5)).slice(0, 8)))).toBeGreaterThan(other.errorLimit)
  })

  test('of constant numbers finds nothing unusual', () => {
    const constant = Autoencoder.train(new Float64Array(300).fill(4), { ...options, epochs: 1 })
    expect(constant.judge(new Float64Array(24).fill(4)).excess).toBe(0)
  })

  test('is trained only from enough windows', () => {
    expect(() => Autoencoder.train(flat(swinging(20)), options)).toThrow(/13 windows of 8 rows.*TRAINING_DATA/)
    expect(() => Autoencoder.train(flat(swinging(100)), { ...options, steps: 1, learningRate: 2 })).toThrow(
      /steps is 1.*learningRate is 2.*INVALID_SETTINGS/,
    )
  })
})
