export const addPrompts = async (..._: unknown[]): Promise<never> => { throw new Error('addPrompts is being written'); };
export const deletePrompts = async (..._: unknown[]): Promise<never> => { throw new Error('deletePrompts is being written'); };
