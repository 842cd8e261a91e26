import type { LearningState } from './lifecycle.ts'

/** Name of the checkpoint that a person's orders to the learning are kept in, also while the program runs. */
export const ORDERS = 'learning.orders'

/** What a person wants of the learning; taken up with the next batch. */
export interface Orders {
  /** Overrides `detection.frozen` where it is given. */
  readonly frozen?: boolean
  /** Retrainings asked for so far. */
  readonly retrainings: number
}

export function decodeOrders(bytes: Uint8Array | undefined): Orders {
  return bytes ? (JSON.parse(Buffer.from(bytes).toString()) as Orders) : { retrainings: 0 }
}

export function encodeOrders(orders: Orders): Uint8Array {
  return Buffer.from(JSON.stringify(orders))
}

/** The state with the orders in it. A retraining asked for while the first events are collected is under way already. */
export function obey(state: LearningState, orders: Orders, frozen: boolean): LearningState {
  const asked = orders.retrainings > state.served && state.phase !== 'warmup'
  return {
    ...state,
    frozen: orders.frozen ?? frozen,
    due: state.due || asked,
    served: orders.retrainings,
  }
}
