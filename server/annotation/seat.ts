export const heartbeat = async (..._: unknown[]): Promise<never> => { throw new Error('heartbeat is being written'); };
export const releaseAll = async (..._: unknown[]): Promise<never> => { throw new Error('releaseAll is being written'); };
export const releaseSeat = async (..._: unknown[]): Promise<never> => { throw new Error('releaseSeat is being written'); };
export const renewSeat = async (..._: unknown[]): Promise<never> => { throw new Error('renewSeat is being written'); };
export const skipSeat = async (..._: unknown[]): Promise<never> => { throw new Error('skipSeat is being written'); };
