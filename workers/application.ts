import { stopSignal } from '../fleet/stop-signal.ts'

const stop = stopSignal()
const { main } = await import('../fleet/main.ts')
await main('application', stop)
