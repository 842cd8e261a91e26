import { type Feature, learnt, linear, log } from '../feature.ts'

/** The feature columns of security events, in order. Custom models are trained on them. */
export const LOGIN_FEATURES = [
  learnt('event_rarity', 'this kind of event', 'rarity'),
  learnt('message_surprise', 'the message is unlike most in training', 'unlikeness'),
  learnt('message_peak', 'the message is unlike most in training', 'unlikeness'),
  log('address_failures', 'the address had {} more {failure|failures} than successes recently'),
  log('address_successes', 'the address had {} {success|successes} recently'),
  log('address_users', '{} different {user|users} came from the address recently'),
  linear('address_failure_share', '{} of the recent attempts from the address failed', 'share'),
  log('address_burst', '{} {event|events} came from the address in the last minute'),
  log('address_gap', "the address's last event was {} ago", 'seconds'),
  log('user_failures', 'the user had {} more {failure|failures} than successes recently'),
  log('user_addresses', 'the user came from {} different {address|addresses} recently'),
  learnt('user_rarity', 'this user', 'rarity'),
  learnt('address_rarity', 'this user from this address', 'rarity'),
  log('success_after_failures', '{} failed {login|logins} came shortly before this one'),
  learnt('hour_rarity', 'this hour of the weekday', 'rarity'),
] as const satisfies readonly Feature[]

export type LoginFeatureName = (typeof LOGIN_FEATURES)[number]['name']

/** Column of a feature by its name. */
export const LOGIN = Object.fromEntries(LOGIN_FEATURES.map(({ name }, i) => [name, i])) as Record<
  LoginFeatureName,
  number
>
