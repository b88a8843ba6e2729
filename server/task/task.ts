export const createTasks = async (..._: unknown[]): Promise<never> => { throw new Error('createTasks is being written'); };
export const reserveSeats = async (..._: unknown[]): Promise<never> => { throw new Error('reserveSeats is being written'); };
export const setPriority = async (..._: unknown[]): Promise<never> => { throw new Error('setPriority is being written'); };
export const withdrawTasks = async (..._: unknown[]): Promise<never> => { throw new Error('withdrawTasks is being written'); };
