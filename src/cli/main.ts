#!/usr/bin/env node
import { stopSignal } from '../worker/stop-signal.ts'

// Before anything else is loaded: until then a signal is ignored where the process is PID 1.
const stop = stopSignal()
const { runProcess } = await import('./run-process.ts')
await runProcess(stop)
