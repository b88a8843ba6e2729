export const listTasks = async (..._: unknown[]): Promise<never> => { throw new Error('listTasks is being written'); };
