/** How much of the model is tried: nothing, what proves that it serves, or what proves it right. */
export type Canary = 'none' | 'quick' | 'full';
