import { decodeOr } from '../core/saved-json.ts'
import { decodeState, INITIAL_STATE, ordersBehind } from '../learning/lifecycle.ts'
import { decodeOrders, encodeOrders, ORDERS, type Orders } from '../learning/orders.ts'
import type { State } from '../queries/state.ts'
import { loadCheckpoint, saveCheckpoints } from '../store/checkpoints.ts'

/*
 * Orders to the learning lie in the state database. The process that learns takes them up when its next batch begins,
 * so any process may give them at any time.
 */

/** Asks for a training on the events to come; the models in force judge meanwhile. During the warmup it has no effect. */
export function requestRetraining(db: State): void {
  order(db, (orders) => ({ ...orders, retrainings: orders.retrainings + 1 }))
}

/** Stops the learning from the next batch on, or resumes it. A training under way is finished. */
export function holdLearning(db: State, frozen: boolean): void {
  order(db, (orders) => ({ ...orders, frozen }))
}

function order(db: State, change: (orders: Orders) => Orders): void {
  db.transaction(() => {
    const orders = change(ordersIn(db))
    saveCheckpoints(db, [{ name: ORDERS, value: encodeOrders(orders) }])
  }).immediate()
}

/** Orders that cannot be read are those that led to the last commit. */
function ordersIn(db: State): Orders {
  const state = decodeOr(INITIAL_STATE, () => decodeState(loadCheckpoint(db, 'learning')))
  return decodeOr(ordersBehind(state), () => decodeOrders(loadCheckpoint(db, ORDERS)))
}
