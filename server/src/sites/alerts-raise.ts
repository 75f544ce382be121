import { lets, stepThreshold, type ThresholdRule, type ThresholdState } from '@tidemark/core/sites/alert-rules.ts'
import { slotMs, type Watch, type WatchedSeries } from '@tidemark/core/sites/anomaly-watch.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { emit } from '../webhooks/service.ts'
import * as store from './alerts-store.ts'
import type { AnomalyRow } from './anomalies-store.ts'
import type { SiteRow } from './store.ts'

/** What is to be told, before it is known whether it was told already. */
type News = Pick<
  store.AlertRow,
  'anomaly_id' | 'asset_id' | 'sensor_id' | 'subject' | 'severity' | 'told' | 'from_at' | 'last_seen_at'
> & { is_over: boolean }

/**
 * Goes through the rules of a site: what each lets through is told once, and counted while it goes on. Part of the
 * transaction that keeps the anomalies. Returns what is new.
 */
export async function raiseAlerts(
  ctx: Context,
  site: SiteRow,
  watch: Watch,
  anomalies: readonly AnomalyRow[],
): Promise<store.AlertRow[]> {
  const raised: store.AlertRow[] = []
  for (const rule of await store.listRules(ctx.db, site.organisation_id, site.id)) {
    if (!rule.active) continue
    const { watches } = rule
    const news =
      watches.kind === 'anomaly' ? ofAnomalies(rule, anomalies) : await ofThreshold(ctx, rule, watches, watch)
    const latest = new Map((await store.latestAlerts(ctx.db, rule.rule_id)).map((alert) => [alert.subject, alert]))
    for (const each of news) {
      const before = latest.get(each.subject)
      const told = await tell(ctx, site, rule, each, before)
      if (told === null) continue
      latest.set(each.subject, told)
      if (told.alert_id !== before?.alert_id) raised.push(told)
    }
  }
  await store.resolveEnded(ctx.db, site.id, ctx.now())
  return raised
}

/** Anomalies that began before the rule was made are history. */
function ofAnomalies(rule: store.RuleRow, anomalies: readonly AnomalyRow[]): News[] {
  const { watches } = rule
  if (watches.kind !== 'anomaly') return []
  return anomalies.flatMap((anomaly) => {
    const { type, asset_id, severity, strength, told } = anomaly
    const finding = { type, asset_id, severity, strength, confidence: told.confidence }
    const is_news = anomaly.is_open || anomaly.to_at > rule.created_at
    if (!is_news || !lets(watches, rule, finding)) return []
    return [
      {
        anomaly_id: anomaly.anomaly_id,
        asset_id,
        sensor_id: told.sensor_id,
        subject: `${asset_id ?? ''} ${type}`,
        severity,
        told: { type, measure: told.measure, value: told.value, expected: told.expected },
        from_at: anomaly.from_at,
        last_seen_at: anomaly.to_at,
        is_over: !anomaly.is_open,
      },
    ]
  })
}

/** Steps each device's threshold over what came since it was last looked at, and keeps where it stands. */
async function ofThreshold(ctx: Context, rule: store.RuleRow, watches: ThresholdRule, watch: Watch): Promise<News[]> {
  const own = watch.series.filter(
    ({ measure, asset_id }) => measure === watches.measure && (rule.asset_id === null || rule.asset_id === asset_id),
  )
  const states = { ...rule.states }
  const news: News[] = []
  for (const series of own) {
    const before = states[series.sensor_id] ?? startingAt(rule.created_at.getTime())
    const { state, told } = stepSeries(watch, series, watches, before)
    states[series.sensor_id] = state
    news.push(...told.map((each) => ({ ...each, severity: watches.severity })))
  }
  await store.updateRule(ctx.db, rule.rule_id, { states })
  return news
}

/** What came before the rule was made is history; the slot in which it was made is not. */
function startingAt(created_ms: number): ThresholdState {
  return { is_raised: false, beyond_since_ms: null, looked_to_ms: Math.floor(created_ms / 900_000) * 900_000 }
}

function stepSeries(watch: Watch, series: WatchedSeries, rule: ThresholdRule, before: ThresholdState) {
  const told: Omit<News, 'severity'>[] = []
  let state = before
  for (let i = 0; i < watch.count; i++) {
    const value = series.mean[i] ?? NaN
    if (Number.isNaN(value)) continue
    const from_ms = watch.from_ms + i * slotMs(watch)
    const slot = { from_ms, to_ms: from_ms + slotMs(watch), value }
    const stepped = stepThreshold(state, rule, slot)
    state = stepped.state
    if (stepped.step === null) continue
    const began_ms = stepped.step.event === 'raised' ? stepped.step.from_ms : slot.from_ms
    told.push({
      anomaly_id: null,
      asset_id: series.asset_id,
      sensor_id: series.sensor_id,
      subject: `${series.sensor_id} ${series.measure}`,
      told: { type: 'threshold', measure: series.measure, value, expected: rule.raise_at },
      from_at: new Date(began_ms),
      last_seen_at: new Date(slot.to_ms),
      is_over: stepped.step.event === 'cleared',
    })
  }
  return { state, told }
}

/** Tells, or counts, or says that it is over. Returns the alert as it stands, null where none is. */
async function tell(
  ctx: Context,
  site: SiteRow,
  rule: store.RuleRow,
  news: News,
  before: store.AlertRow | undefined,
): Promise<store.AlertRow | null> {
  const { is_over, ...facts } = news
  const now = ctx.now()
  if (before !== undefined && isSameMatter(rule, news, before)) {
    const is_new = facts.anomaly_id !== before.anomaly_id || (facts.anomaly_id === null && !is_over)
    const after: store.AlertRow = {
      ...before,
      ...facts,
      from_at: before.from_at,
      told: is_over && facts.anomaly_id === null ? before.told : facts.told,
      times: before.times + (is_new ? 1 : 0),
      resolved_at: is_over ? (before.resolved_at ?? now) : null,
    }
    const { alert_id, organisation_id: _, site_id: __, rule_id: ___, ...changes } = after
    await store.updateAlert(ctx.db, alert_id, changes)
    return after
  }
  const is_muted = [rule.muted_until, before?.muted_until ?? null].some((until) => until !== null && until > now)
  // A threshold that was left again without having been told is no news.
  if (is_muted || (is_over && facts.anomaly_id === null)) return before ?? null
  const alert: store.AlertRow = {
    ...facts,
    alert_id: newId('alt', now),
    organisation_id: site.organisation_id,
    site_id: site.id,
    rule_id: rule.rule_id,
    times: 1,
    raised_at: now,
    resolved_at: is_over ? now : null,
    acknowledged_at: null,
    muted_until: null,
    verdict: null,
    note: '',
  }
  await store.insertAlert(ctx.db, alert)
  const { alert_id, rule_id, severity, told } = alert
  const data = { alert_id, rule_id, site_id: site.id, type: told.type, severity, value: told.value }
  await emit(ctx, 'alert.raised', data, site.organisation_id)
  return alert
}

/** The same anomaly, or the same again before it may be told again, or the end of what is open. */
function isSameMatter({ repeat_after_s }: store.RuleRow, news: News, before: store.AlertRow): boolean {
  if (news.anomaly_id !== null && news.anomaly_id === before.anomaly_id) return true
  if (before.resolved_at === null) return true
  return news.from_at.getTime() - before.last_seen_at.getTime() < repeat_after_s * 1000
}
