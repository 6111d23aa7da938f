import { StreamThread } from '../thread/stream-thread.ts'
import type { ThreadKind } from '../thread/thread-kind.ts'

/** Threads that share the event loop of the process: together they use one core. Their topology may be of closures. */
export const eventLoopThreads: ThreadKind = Object.freeze({
  sharesStores: true,
  create: (...parts: Parameters<ThreadKind['create']>) => new StreamThread(...parts),
})
