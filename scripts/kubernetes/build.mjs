// @ts-check
// npm run k8s:build: the control plane for tests, kept for this user.
import { runCommand } from '../lab/lab-error.mjs'
import { buildKubernetes } from './install.mjs'

await runCommand(buildKubernetes)
