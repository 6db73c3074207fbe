// A rollback rule: a condition that means "go back now", and what is done when it is met.

export const RULES = ['error-rate', 'response-time', 'quality-gates', 'smoke', 'cpu', 'memory'] as const;
export type Rule = (typeof RULES)[number];

/** observe = only tell, ask = offer the button, auto = roll back. */
export type RuleMode = 'observe' | 'ask' | 'auto';
