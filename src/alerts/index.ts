// The door `millrace/alerts`: rules over logs, the life of an alert, and notices to people.
export { type AlertChange, type AlertStatus, alertStatuses } from './alert-change.ts'
export { type Notice, type NoticeKind, noticeKinds } from './notice.ts'
export { severities, type Severity } from './severity.ts'
