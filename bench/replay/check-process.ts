import { days, silentLogger, startStreams } from '../../src/index.ts'
import { Replays } from '../../src/replay/index.ts'
import { CountingAlerts, checkTopology } from './check-topology.ts'

/** `live BOOTSTRAP` runs the application, `replay BOOTSTRAP ID` works on one of its replays: a process that can be killed. */
const [role, bootstrap = '', id = ''] = process.argv.slice(2)
const alerts = new CountingAlerts()
const config = {
  applicationId: 'replay-check',
  kafka: { bootstrap },
  sinks: [alerts],
  // What a kill of the replay repeats; the live one is asked for its lag all the time.
  commitIntervalMs: role === 'live' ? 100 : 1000,
  // The group notices a killed process after this time.
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 1000,
  windowStoreAdditionalRetentionMs: days(3650),
  logger: silentLogger,
}

if (role === 'live') {
  const streams = await startStreams(config, checkTopology)
  process.on('SIGTERM', () => {
    void streams.close().then(() => {
      console.log(JSON.stringify({ notified: alerts.notified }))
      process.exit(0)
    })
  })
} else {
  const replays = await Replays.open(config, checkTopology)
  const end = await replays.run(id)
  await replays.close()
  console.log(JSON.stringify({ end, notified: alerts.notified }))
}
