import { type Feature, learnt, linear, log } from '../feature.ts'

/** The feature columns of security events, in order. Custom models are trained on them. */
export const LOGIN_FEATURES = [
  learnt('event_rarity', 'rarity of the kind of event, bits'),
  learnt('message_surprise', 'unusual structure of the message, nats per character'),
  learnt('message_peak', 'most unusual stretch of the message, nats'),
  log('address_failures', 'recent failures from the address beyond its successes'),
  log('address_successes', 'recent successes from the address'),
  log('address_users', 'different users tried from the address'),
  linear('address_failure_share', "share of failures in the address's recent attempts"),
  log('address_burst', 'events from the address in the last minute'),
  log('address_gap', "seconds since the address's last event, up to an hour"),
  log('user_failures', 'recent failures for the user beyond its successes'),
  log('user_addresses', 'different addresses that tried the user'),
  learnt('user_rarity', 'rarity of the user, bits'),
  learnt('address_rarity', 'rarity of this address for this user, bits'),
  log('success_after_failures', 'failed logins shortly before this one'),
  learnt('hour_rarity', 'rarity of the hour of the week, bits'),
] as const satisfies readonly Feature[]

export type LoginFeatureName = (typeof LOGIN_FEATURES)[number]['name']

/** Column of a feature by its name. */
export const LOGIN = Object.fromEntries(LOGIN_FEATURES.map(({ name }, i) => [name, i])) as Record<
  LoginFeatureName,
  number
>
