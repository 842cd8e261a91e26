import { DRIFT, type DriftReport, decodeDrift } from '../core/documents/drift.ts'
import type { Phase } from '../core/documents/finding.ts'
import { OddlineError } from '../core/errors.ts'
import { decodeState } from '../learning/lifecycle.ts'
import type { ModelStore } from '../learning/models/artifacts.ts'
import { decodeOrders, encodeOrders, ORDERS, type Orders } from '../learning/orders.ts'
import { loadCheckpoint, saveCheckpoints } from '../store/checkpoints.ts'
import type { Database } from '../store/database.ts'

/**
 * What a person may ask of the learning, by command or through the API. Orders lie in the state database, where the
 * process that learns finds them when its next batch begins, so they may be given from any process at any time.
 */
export interface Steered {
  readonly phase: Phase
  /** Whether learning is held, as ordered; undefined where the configuration decides. */
  readonly frozen: boolean | undefined
}

/** Asks for a training from the events that come; the models in force judge meanwhile. It has no effect in the warmup. */
export function requestRetraining(db: Database): Steered {
  return order(db, (orders) => ({ ...orders, retrainings: orders.retrainings + 1 }))
}

/** Holds the learning from the next batch on, or lets it go on. A training under way comes to its end. */
export function holdLearning(db: Database, frozen: boolean): Steered {
  return order(db, (orders) => ({ ...orders, frozen }))
}

/**
 * Puts an earlier version in force, from the next batch on: this one, or the one before that in force.
 * @throws OddlineError MODEL_INVALID where there is none, or where it is damaged
 */
export function rollbackModels(store: ModelStore, wanted?: number): { readonly from: number; readonly to: number } {
  const from = store.current()
  if (from === undefined) throw new OddlineError('MODEL_INVALID', `There are no models in ${store.dir} yet.`)
  const earlier = store.versions().filter((one) => one < from)
  const to = wanted ?? earlier.at(-1)
  if (to === undefined) {
    throw new OddlineError('MODEL_INVALID', `There is no version before ${from} in ${store.dir} to go back to.`)
  }
  if (store.versions().includes(to)) store.load(to)
  store.use(to)
  return { from, to }
}

function order(db: Database, change: (orders: Orders) => Orders): Steered {
  return db
    .transaction(() => {
      const orders = change(decodeOrders(loadCheckpoint(db, ORDERS)))
      saveCheckpoints(db, [{ name: ORDERS, value: encodeOrders(orders) }])
      return { phase: decodeState(loadCheckpoint(db, 'learning')).phase, frozen: orders.frozen }
    })
    .immediate()
}

/** How far traffic has moved from what the models know, as of the last commit; undefined while there are no models. */
export function driftReport(db: Database): DriftReport | undefined {
  return decodeDrift(loadCheckpoint(db, DRIFT))
}
