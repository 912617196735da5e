/** Epoch milliseconds. Handed in everywhere, so that tests move time instead of waiting for it. */
export type Clock = () => number
