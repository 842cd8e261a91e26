/** Name of the checkpoint that holds a person's orders. Any process may write it at any time. */
export const ORDERS = 'learning.orders'

/** What a person ordered. The learning process reads orders when a batch begins. */
export interface Orders {
  /** Overrides `detection.frozen` if present. */
  readonly frozen?: boolean
  /** Total number of retrainings requested so far. */
  readonly retrainings: number
}

export function decodeOrders(bytes: Uint8Array | undefined): Orders {
  return bytes ? (JSON.parse(Buffer.from(bytes).toString()) as Orders) : { retrainings: 0 }
}

export function encodeOrders(orders: Orders): Uint8Array {
  return Buffer.from(JSON.stringify(orders))
}
