import { describe, expect, test } from '@jest/globals'
import {
  composeStreams,
  defineTopology,
  importTopology,
  logAndContinue,
  MemoryCluster,
  string,
  systemClock,
  type TopologyModule,
} from '../../../../../src/index.ts'

const texts = { key: string(), value: string() }
const closure = defineTopology('copy', (builder) => {
  builder.stream('in', texts).to('out', texts)
})
const kafka = { bootstrap: '127.0.0.1:1' }
const module: TopologyModule = { ...closure, options: {}, module: { loader: 'file:///loader.js', data: undefined } }
const worker = { applicationId: 'app', kafka, threadKind: 'worker' } as const

const faultsOf = (act: () => unknown): readonly string[] => {
  try {
    act()
    return []
  } catch (error) {
    return (error as { details: { faults: readonly string[] } }).details.faults
  }
}

describe('worker threads are refused', () => {
  test('for a topology that is made of closures', () => {
    expect(faultsOf(() => composeStreams(worker, closure))[0]).toMatch(/importTopology/)
  })

  test('for a cluster in memory', () => {
    const memory = { driver: 'memory', cluster: new MemoryCluster({ clock: systemClock }) } as const
    expect(faultsOf(() => composeStreams({ ...worker, kafka: memory }, module))[0]).toMatch(/memory/)
  })

  test('for whatever is a function and does not come from the module', () => {
    const config = { ...worker, processingHandler: logAndContinue, sinks: [], clock: systemClock }
    const names = faultsOf(() => composeStreams(config, module)).map((fault) => fault.split(' ')[0])
    expect(names).toEqual(['processingHandler', 'sinks', 'clock'])
  })
})

describe('worker threads are accepted', () => {
  test('for handlers and sinks that the module exports', async () => {
    const options = { processingHandler: logAndContinue, sinks: [] }
    const withOptions: TopologyModule = { ...module, options }
    await composeStreams(worker, withOptions).close()
  })

  test('for a handler that is a word, and for what stays in the process', async () => {
    const uncaughtErrorHandler = () => 'replace-thread' as const
    const config = { ...worker, processingHandler: 'continue', uncaughtErrorHandler } as const
    await composeStreams({ ...config, listener: {} }, module).close()
  })
})

test('more than one thread of an imported topology is worker threads, unless the options say otherwise', async () => {
  const query = (streams: ReturnType<typeof composeStreams>) => () => streams.application.store('counts')
  const two = { applicationId: 'app', kafka, threads: 2 }
  const chosen = composeStreams(two, module)
  const refused = composeStreams({ ...two, threadKind: 'event-loop' }, module)
  const single = composeStreams({ ...two, threads: 1 }, module)
  expect(query(chosen)).toThrow(/STORE_IN_WORKER_THREAD/)
  expect(query(refused)()).toBeUndefined()
  expect(query(single)()).toBeUndefined()
  for (const each of [chosen, refused, single]) await each.close()
})

describe('a module that cannot be a topology is refused', () => {
  const dataUrl = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`

  test.each([
    ['cannot be imported', 'file:///nowhere/orders.js'],
    ['is no address: give new URL', './orders.js'],
    ['exports no topology as default', dataUrl('export const other = 1')],
    ['exports options of type number', dataUrl('export default { build() {} }; export const options = 1')],
  ])('%s', async (fault, url) => {
    await expect(importTopology(url)).rejects.toMatchObject({ code: 'TOPOLOGY_MODULE', consequence: 'fatal' })
    await expect(importTopology(url)).rejects.toThrow(fault)
  })
})
