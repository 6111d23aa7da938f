// `@millrace/react`: what shows logs of a live tail.
export { LogStreamViewer, type LogStreamViewerProps } from './log-stream-viewer.tsx'
export type { RefusedState } from './stream/connection-state.ts'
export type { LinePlace } from './stream/log-line.ts'
export { type LineLayout, type LogFilters, type LogView, parametersOfView, viewOfParameters } from './view/log-view.ts'
