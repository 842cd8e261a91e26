import { z } from 'zod'
import { decodeJson } from '../core/saved-json.ts'

/** Name of the checkpoint that holds a person's orders. Any process may write it at any time. */
export const ORDERS = 'learning.orders'

/** What a person ordered. The learning process reads orders when a batch begins. */
export interface Orders {
  /** Overrides `detection.frozen` if present. */
  readonly frozen?: boolean
  /** Total number of retrainings requested so far. */
  readonly retrainings: number
}

const OrdersSchema = z.object({ frozen: z.boolean().optional(), retrainings: z.int().nonnegative() })

/** @throws OddlineError MODEL_INVALID if the bytes are damaged */
export function decodeOrders(bytes: Uint8Array | undefined): Orders {
  return bytes ? decodeJson('orders to the learning', OrdersSchema, bytes) : { retrainings: 0 }
}

export function encodeOrders(orders: Orders): Uint8Array {
  return Buffer.from(JSON.stringify(orders))
}
