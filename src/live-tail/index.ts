// The door `millrace/live-tail`: logs as they pass, for people who look.
export type { LiveTailOptions } from './live-tail-options.ts'
export { type LiveTailServer, type LiveTailServerOptions, startLiveTail } from './live-tail-server.ts'
export type { LiveTailStatus } from './live-tail.ts'
