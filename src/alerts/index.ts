// The door `millrace/alerts`: rules over logs, the life of an alert, and notices to people.
export { type AlertChange, type AlertStatus, alertStatuses } from './alert-change.ts'
export { alertKey } from './episodes/alert-key.ts'
export { AlertEvaluator } from './episodes/alert-evaluator.ts'
export type { AlertState } from './episodes/alert-state.ts'
export { endedAlert, type EndedRule } from './episodes/ended-alert.ts'
export { responsesTo } from './episodes/responses-to.ts'
export { groupKey } from './rules/group-key.ts'
export type { RuleLog } from './gathering/rule-log.ts'
export { type GatheredGroup, RuleGatherer } from './gathering/rule-gatherer.ts'
export { type AlertExampleResult, runAlertExamples } from './examples.ts'
export { type ResponseAction, type ResponseActionKind, responseActions } from './response-action.ts'
export { type Notice, type NoticeKind, noticeKinds } from './notice.ts'
export { severities, type Severity } from './severity.ts'
export { type AlertRequest, type AlertRequestKind, alertRequestKinds } from './notices/alert-request.ts'
export { newAcknowledgement, newAlertRequest, newSilence } from './notices/commands.ts'
export { defaultEscalations } from './notices/definition.ts'
export type {
  EscalationStepDefinition,
  FlappingDefinition,
  NoticesDefinition,
  ReceiverDefinition,
  ReceiverQuietHours,
  RequestsDefinition,
  RouteDefinition,
  StormDefinition,
} from './notices/definition.ts'
export { describeGroup, type GroupDescription, type Upcoming } from './notices/describe.ts'
export { Digests, type DigestState } from './notices/digest.ts'
export type { HeldGroup } from './notices/held-group.ts'
export { type GroupOutput, type GroupState, isForgettable } from './notices/group-state.ts'
export type { Suppression, Suppressors } from './notices/group-view.ts'
export {
  type InhibitionDefinition,
  nextSourceRow,
  sourceRowsOf,
  type SourceRow,
} from './notices/inhibition.ts'
export { loadNotices, notices, NoticesError } from './notices/load-notices.ts'
export type { Match, Matcher } from './notices/matcher.ts'
export { type Acknowledgement, NoticeGroups, type NoticeGroupsOptions, type Receipt } from './notices/notice-groups.ts'
export type { NoticePlan } from './notices/notice-plan.ts'
export { noticesSchema } from './notices/notices-schema.ts'
export { type QuietHoursDefinition, type QuietTime, type Weekday, weekdays } from './notices/quiet-hours.ts'
export { type RoutedChange, routesOf } from './notices/routing.ts'
export { type ActiveSilence, compileSilence, isSilence, type Silence } from './notices/silence.ts'
export { emailNotifier } from './notifiers/email/email-notifier.ts'
export type { EmailOptions } from './notifiers/email/email-options.ts'
export { loadNotifiers, type LoadNotifiersOptions, NotifiersError } from './notifiers/load/load-notifiers.ts'
export { notifierChannels } from './notifiers/load/notifier-channels.ts'
export { notifiersSchema } from './notifiers/load/notifiers-schema.ts'
export { logReceiver, receiverMistakes } from './notifiers/receiver-mistakes.ts'
export type { NotifierFactory } from './notifiers/notifier-sink.ts'
export type { NotifierOptions } from './notifiers/notifier-options.ts'
export { type OpsgenieOptions, opsgenieNotifier } from './notifiers/opsgenie/opsgenie-notifier.ts'
export { type PagerDutyOptions, pagerDutyNotifier } from './notifiers/pagerduty/pagerduty-notifier.ts'
export { type SlackOptions, slackNotifier } from './notifiers/slack/slack-notifier.ts'
export { type TeamsOptions, teamsNotifier } from './notifiers/teams/teams-notifier.ts'
export { type WebhookOptions, webhookNotifier } from './notifiers/webhook/webhook-notifier.ts'
export type * from './rules/definition.ts'
export type { Observation } from './rules/observation.ts'
export type { RulePlan } from './rules/plan.ts'
export { type GroupValues, RuleReader, type TakeObservation } from './rules/read-log.ts'
export { AlertRuleError, loadRules, rule } from './rules/rule.ts'
export { alertRuleSchema } from './rules/rule-schema.ts'
export { MatchGatherer } from './sigma/match-gatherer.ts'
export { SecurityRules } from './sigma/security-rules.ts'
export type { TrainingDefinition, WatchDefinition, WatchedKeyDefinition, WatchFile } from './watches/definition.ts'
export { loadWatches, WatchesError } from './watches/load-watches.ts'
export {
  endedForSilence,
  judgeRecord,
  numberOf,
  watchAlertKey,
  type WatchedRecord,
  type WatchOutcome,
  type WatchState,
} from './watches/watch-judge.ts'
export type { ModelWatch, TrainingPlan, WatchedKeyPlan } from './watches/watch-plan.ts'
