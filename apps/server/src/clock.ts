/** Epoch milliseconds. Passed as an argument, so that a test sets the time instead of waiting. */
export type Clock = () => number
