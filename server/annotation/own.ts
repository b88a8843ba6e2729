export const deskOf = async (..._: unknown[]): Promise<never> => { throw new Error('deskOf is being written'); };
export const historyOf = async (..._: unknown[]): Promise<never> => { throw new Error('historyOf is being written'); };
