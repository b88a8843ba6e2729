/** What a plan assumes where nobody says otherwise. */
export const planDefaults = { winRate: 0.6, power: 0.8, alpha: 0.05, halfWidth: 0.05 } as const;
