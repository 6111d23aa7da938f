import { fleetWorker } from '../fleet/fleet-worker.ts'

export default fleetWorker('performance')
