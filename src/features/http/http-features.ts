import { type Feature, learnt, linear, log } from '../feature.ts'

/** The feature columns of requests, in order. Custom models are trained on them. */
export const HTTP_FEATURES = [
  log('path_length', 'length of the path'),
  linear('path_depth', 'depth of the path'),
  log('query_length', 'length of the query'),
  linear('parameter_count', 'number of parameters'),
  log('longest_value', 'length of the longest parameter value'),
  linear('digit_share', 'share of digits in the target'),
  linear('symbol_share', 'share of punctuation in the target'),
  linear('upper_share', 'share of capitals in the target'),
  linear('escape_share', 'share of percent-escapes in the target'),
  linear('entropy', 'entropy of the target, bits per character'),
  learnt('target_surprise', 'unusual structure of the target, nats per character'),
  learnt('target_peak', 'most unusual stretch of the target, nats'),
  learnt('parameter_oddity', 'oddity of the parameters for this page, nats'),
  learnt('endpoint_rarity', 'rarity of the endpoint, bits'),
  learnt('method_rarity', 'rarity of the method, bits'),
  learnt('status_rarity', 'rarity of the status, bits'),
  learnt('size_deviation', 'response size against the endpoint, standard deviations'),
  learnt('agent_rarity', 'rarity of the kind of User-Agent, bits'),
  learnt('agent_peak', 'most unusual stretch of the User-Agent, nats'),
  learnt('referer_peak', 'most unusual stretch of the Referer, nats'),
  log('client_burst', 'requests of the client in the last minute'),
  learnt('client_error_share', "share of errors in the client's requests"),
  learnt('client_novelty', 'share of endpoints new to the client in its requests'),
  log('client_gap', "seconds since the client's last request, up to an hour"),
  learnt('client_jitter', "unevenness of the client's requests"),
  learnt('client_night_share', "share of the client's requests at night"),
] as const satisfies readonly Feature[]

/** Number of leading columns that depend on the request target only. */
export const TARGET_COLUMNS = HTTP_FEATURES.findIndex(({ name }) => name === 'endpoint_rarity') + 1

export type HttpFeatureName = (typeof HTTP_FEATURES)[number]['name']

/** Column of a feature by its name. */
export const HTTP = Object.fromEntries(HTTP_FEATURES.map(({ name }, i) => [name, i])) as Record<HttpFeatureName, number>
