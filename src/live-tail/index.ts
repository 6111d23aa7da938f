// The door `millrace/live-tail`: logs as they pass, for people who look.
export { defaultMasks, type Role } from './access/roles.ts'
export type { AlertDeskOptions } from './alerts/alert-desk-options.ts'
export type { OidcOptions } from './access/oidc.ts'
export type { AnalyticsStatus } from './analytics/analytics.ts'
export type { AnalyticsOptions } from './analytics/analytics-options.ts'
export { logClassHeader } from './line-scanner.ts'
export type { LiveTailOptions } from './live-tail-options.ts'
export {
  type LiveTailServer,
  type LiveTailServerOptions,
  type LiveTailServerStatus,
  startLiveTail,
} from './live-tail-server.ts'
export type { WorkersOptions } from './workers/worker-options.ts'
export type { LiveTailStatus } from './live-tail.ts'
