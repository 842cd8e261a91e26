import { type Feature, learnt, linear, log } from '../feature.ts'

/** The feature columns of requests, in order. Custom models are trained on them. */
export const HTTP_FEATURES = [
  log('path_length', 'the path has {} {character|characters}'),
  linear('path_depth', 'the path is {} {level|levels} deep'),
  log('query_length', 'the query has {} {character|characters}'),
  linear('parameter_count', 'the query has {} {parameter|parameters}'),
  log('longest_value', 'the longest value of a parameter has {} {character|characters}'),
  linear('digit_share', '{} of the target are digits', 'share'),
  linear('symbol_share', '{} of the target is punctuation', 'share'),
  linear('upper_share', '{} of the target are capitals', 'share'),
  linear('escape_share', '{} of the target is percent-encoded', 'share'),
  linear('entropy', 'the target mixes about {} different characters', 'variety'),
  learnt('target_surprise', 'the target is unlike most in training', 'unlikeness'),
  learnt('target_peak', 'the target is unlike most in training', 'unlikeness'),
  learnt('parameter_oddity', 'the parameters are unlike most in training', 'unlikeness'),
  learnt('endpoint_rarity', 'a path like this', 'rarity'),
  learnt('method_rarity', 'this method', 'rarity'),
  learnt('status_rarity', 'this status', 'rarity'),
  learnt('size_deviation', 'the size of the response is unlike most in training', 'unlikeness'),
  learnt('agent_rarity', 'a User-Agent like this', 'rarity'),
  learnt('agent_peak', 'the User-Agent is unlike most in training', 'unlikeness'),
  learnt('referer_peak', 'the Referer is unlike most in training', 'unlikeness'),
  log('client_burst', 'the client sent {} {request|requests} in the last minute'),
  learnt('client_error_share', "{} of the client's recent requests failed", 'share'),
  learnt('client_novelty', "{} of the client's recent requests went to pages new to it", 'share'),
  log('client_gap', "the client's last request was {} ago", 'seconds'),
  learnt('client_jitter', "the time between the client's requests varies by {}", 'share'),
  learnt('client_night_share', "{} of the client's recent requests came at night", 'share'),
] as const satisfies readonly Feature[]

/** Number of leading columns that depend on the request target only. */
export const TARGET_COLUMNS = HTTP_FEATURES.findIndex(({ name }) => name === 'endpoint_rarity') + 1

export type HttpFeatureName = (typeof HTTP_FEATURES)[number]['name']

/** Column of a feature by its name. */
export const HTTP = Object.fromEntries(HTTP_FEATURES.map(({ name }, i) => [name, i])) as Record<HttpFeatureName, number>
