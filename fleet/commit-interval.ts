import { setting } from '../src/worker/index.ts'

/** Of workers whose decisions are sent after the commit, or once per commit: an interval is what people wait. */
export const commitInterval = setting('commitIntervalMs', 'COMMIT_INTERVAL_MS', {
  type: 'integer',
  minimum: 10,
  maximum: 300_000,
  default: 1000,
})
