import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { divideAmong } from './core/process-share.ts'
import { type IsolateChoice, openKafka, openStoresOf } from './app.ts'
import { runIsolate } from './runtime/application/workers/isolate.ts'
import type { IsolateStart } from './runtime/application/workers/messages.ts'
import type { LoadThreadParts } from './runtime/application/workers/thread-parts.ts'

/** Where a worker thread begins: the composition root of its stream thread. */
const port = parentPort as MessagePort
const start = workerData as IsolateStart
divideAmong(start.options.threads ?? 1)
const { kafka, storeEngine } = start.adapters as IsolateChoice

await runIsolate(port, start, {
  async loadParts(logger) {
    const { loadThreadParts } = (await import(start.module.loader)) as { readonly loadThreadParts: LoadThreadParts }
    return loadThreadParts(start.module.data, logger)
  },
  openKafka: (logger, token) =>
    openKafka(kafka.sasl?.mechanism === 'OAUTHBEARER' ? { ...kafka, sasl: { ...kafka.sasl, token } } : kafka, logger),
  openStores: openStoresOf({ storeEngine, stateDirectory: start.options.stateDirectory }),
})
port.close()
