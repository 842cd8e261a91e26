import type { Dispatcher } from '../../src/delivery/sending/dispatcher.ts'

/** Lets simulated time pass: everything that is due is delivered at each step of it. Real receivers answer in between. */
export async function stepThrough(
  dispatcher: Dispatcher,
  totalMs: number,
  advance: (ms: number) => void,
  stepMs: number,
): Promise<void> {
  for (let passed = 0; passed < totalMs; passed += stepMs) {
    advance(stepMs)
    await dispatcher.turn()
  }
}
