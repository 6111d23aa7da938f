import { stopSignal } from '../src/worker/stop-signal.ts'

const stop = stopSignal()
const { main } = await import('../fleet/main.ts')
await main('audit', stop)
